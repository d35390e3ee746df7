"""Make a SQLite table of a CSV register, as somebody's old software would have left it. Standard library only.

Usage: python3 make_table.py visits.csv register.db
"""

import csv
import sqlite3
import sys
from pathlib import Path


def main(source: Path, target: Path) -> int:
    """Copy every row into the table `visits`; returns how many there are."""
    connection = sqlite3.connect(target)
    with source.open(encoding="utf-8-sig", newline="") as lines, connection:
        rows = csv.reader(lines)
        header = ['"' + name.replace('"', '""') + '"' for name in next(rows)]
        columns = " TEXT, ".join(header)
        connection.execute(
            f"CREATE TABLE visits (id INTEGER PRIMARY KEY, {columns} TEXT, compliance_id VARCHAR(32))"
        )
        marks = ", ".join("?" * len(header))
        insert = f"INSERT INTO visits ({', '.join(header)}) VALUES ({marks})"  # noqa: S608  quoted above
        connection.executemany(insert, ([cell or None for cell in row] for row in rows))
    count: int = connection.execute("SELECT count(*) FROM visits").fetchone()[0]
    connection.close()
    return count


if __name__ == "__main__":
    sys.stdout.write(f"{main(Path(sys.argv[1]), Path(sys.argv[2]))} rows\n")
