"""Addresses beyond the gate: a road and a number, or a place within a province or a town. Only ever possible.

Buildings, units and rooms of the community itself (3号楼1201) are what a remark is about, and are left alone.
"""

import re
from collections.abc import Iterator

from compliance.detectors.finding import Detector, Hit
from compliance.detectors.view import View

_HAN = "\u4e00-\u9fff"
_LABEL = "住址|家庭地址|户籍|籍贯|家住|老家"
_NUMBER = "[0-9一二三四五六七八九十百]{1,5}"
# 路3号门, 街5号楼: a part of this place, as guards call it.
_OURS = "门口楼线岗机闸梯车台房柜桌窗栋库厅"
PATTERN_ROAD = re.compile(
    f"[路街巷弄村](?<=[{_HAN}]{{2}}.)[ ]?{_NUMBER}[ ]?(?:弄[ ]?{_NUMBER}[ ]?)?[号弄](?![{_OURS}])"
)
PATTERN_AVENUE = re.compile(f"(?:大道|胡同)(?<=[{_HAN}]{{4}})[ ]?{_NUMBER}[ ]?号(?![{_OURS}])")
PATTERN_PROVINCE = re.compile(f"(?:省(?<=[{_HAN}]{{3}})|自治区(?<=[{_HAN}]{{5}}))[{_HAN}]{{2,7}}[市州县盟区]")
PATTERN_TOWN = re.compile(f"[市州](?<=[{_HAN}]{{2}}.)[{_HAN}]{{2,4}}[区县][{_HAN}]{{1,8}}[路街镇乡村道]")
PATTERN_LABELLED = re.compile(
    f"(?:{_LABEL})[:/ 是在为]{{0,3}}(?P<place>[{_HAN}]{{2,10}}[省市县区镇乡村路街号])"
)
_NAME = 2  # Han characters that every pattern wants before it: how the road or the place is called


def find(view: View) -> Iterator[Hit]:
    """Yield places with the end of their name before them."""
    text = view.text
    for match in PATTERN_LABELLED.finditer(text):
        yield "possible", match.start("place"), match.end("place")
    for pattern in (PATTERN_ROAD, PATTERN_AVENUE, PATTERN_PROVINCE, PATTERN_TOWN):
        for match in pattern.finditer(text):
            yield "possible", match.start() - _NAME, match.end()


DETECTOR = Detector(
    kind="address",
    label=("住址", "address"),
    find=find,
    core=(
        f"[路街巷弄村]{_NUMBER}[号弄]",
        f"大道{_NUMBER}号",
        f"胡同{_NUMBER}号",
        f"省[{_HAN}]{{2}}",
        "自治区",
        PATTERN_TOWN.pattern,
        *_LABEL.split("|"),
    ),
    examples=("示例路12号", "某某街3弄5号", "示例大道8号", "某某省示例市", "示例市某某区示例路", "家住示例县"),
    near_misses=("3号楼1单元1201室", "东门路3号门", "走到路口", "市区有雨", "12号车位"),
    patterns=(PATTERN_ROAD, PATTERN_AVENUE, PATTERN_PROVINCE, PATTERN_TOWN, PATTERN_LABELLED),
    signal=(
        PATTERN_ROAD.pattern.replace("[0-9一二三四五六七八九十百]", r"\w"),
        "大道", "胡同", "省[\u4e00-\u9fff]{2}", "自治区", PATTERN_TOWN.pattern, *_LABEL.split("|"),
    ),
)  # fmt: skip
