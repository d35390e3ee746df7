"""Chinese names: where the surname ends. Shared by the strategies that keep it."""

import re
import unicodedata

# Compound surnames in use (复姓), two characters each; single ones need no list. Left out are extinct ones that begin like a
# common single surname (梁丘, 叶赫, 左丘): there the second character is far more often part of the given name.
COMPOUND = frozenset(
    re.findall(
        "..",
        "欧阳太史端木上官司马东方独孤南宫万俟闻人夏侯诸葛尉迟公羊赫连澹台皇甫宗政濮阳公冶太叔申屠公孙慕容仲孙钟离长孙宇文"
        "司徒鲜于司空闾丘子车亓官司寇巫马公西颛孙壤驷公良漆雕乐正宰父拓跋夹谷轩辕令狐段干百里呼延东郭南门羊舌微生西门东里"
        "即墨达奚褚师纳兰完颜耶律歐陽司馬東方諸葛尉遲鍾離長孫鮮于軒轅納蘭",
    )
)
SALUTATIONS = (
    "先生",
    "女士",
    "小姐",
    "太太",
    "夫人",
    "师傅",
    "老师",
    "医生",
    "大夫",
    "经理",
    "阿姨",
    "叔叔",
    "大爷",
    "大妈",
    "同学",
)
_NO_WIDTH = ("Cf", "Cc", "Cs", "Mn", "Me")
_SPACES = re.compile(r"\s+")


def plain(value: str) -> str:
    """Return a value without characters of no width, full-width letters folded: 张\u200b三 is 张三."""
    kept = "".join(char for char in value if char in "\t\n\r" or unicodedata.category(char) not in _NO_WIDTH)
    return unicodedata.normalize("NFKC", kept).strip()


def salutation(name: str) -> str:
    """Return the salutation at the end of a name, empty where there is none or nothing before it."""
    return next((word for word in SALUTATIONS if name.endswith(word) and name != word), "")


def family(name: str) -> str:
    """Return the surname of a name without spaces and salutation, at most two characters.

    Of a name as short as a compound surname only the first character counts: 欧阳 may be 欧 with the given name 阳.
    Of names that are not Chinese it is the initial, and empty where the first character is no letter (an emoji, a number).
    """
    if name[:2] in COMPOUND and len(name) > 2:
        return name[:2]
    return name[:1] if name[:1].isalpha() else ""


def shortened(value: str) -> str:
    """Return surname and ** for a name, surname and salutation where it has one, empty for an empty one."""
    name = _SPACES.sub("", plain(value))
    if not name:
        return ""
    title = salutation(name)
    if not title:
        return family(name) + "**"
    called = name.removesuffix(title)
    # 欧阳女士 is called by her surname: with a salutation the two characters are not a given name too.
    kept = called if called in COMPOUND else family(called)
    return kept + title if kept else "**"
