"""Personal names in a remark: only ever possible, and only where a surname, a given name and their surroundings agree.

A surname with a form of address (李先生, 王师傅) is how people are spoken of at a gate and names nobody in particular.
"""

import re
from collections.abc import Iterator

from compliance.detectors.finding import Detector, Hit
from compliance.detectors.view import View

# The commonest surnames, less those that are also everyday words (高, 方, 于, 常, 白 …): they need a label before them.
_SURNAMES = (
    "王李张刘陈杨黄赵吴徐孙朱胡郭何罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余杜魏苏吕丁沈任姚卢傅钟姜崔谭廖范汪陆"
    "贾韦邱侯邹熊孟秦阎薛闫雷段龙郝孔邵汤尹黎武乔贺赖龚欧翁殷庞樊翟詹俞岳"
)
_COMPOUND = "欧阳|司马|上官|诸葛|慕容|令狐|皇甫|尉迟|公孙|夏侯|东方|司徒|南宫|长孙"
_RARER = "高林马方石金江史万钱于常白向文毛康施温洪柳陶华安夏季严伍易应阮左齐兰古包单水云花鲍甘戴冷祝"
_GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞刚桂英华玉兰红梅建国文辉志海燕宇欣怡涵梓轩浩然博雨佳雪晨俊鹏飞龙云琳婷颖"
    "慧莉倩玲琴芬萍莹洁璐瑶琪薇蕾蓉菲菁岚茜毅斌波凯健峰鑫宁坤威彬旭晖晓嘉铭豪翔震泽瑞祥福德贵荣兴昌盛春秋冬夏"
    "学庆民武义仁礼信忠孝良善淑珍凤仙爱香翠莲素芝美思梦诗雅若如意可昊睿奕皓煜烨航麒麟腾锋钢铁柱树根栋成林森楠桐"
    "松柏兵光亮东南西北山江河川湖生发财宝珠金银某"
)
_COUNTED = "一二三四五六七八九"  # 张三, 李四
_HAN = "\u4e00-\u9fff"
# What may stand right before a name, and right after it.
_BEFORE = "名字叫是人客主户属事友戚机员找约接送由与和给姨嫂工访"
_AFTER = "来到在已去的家过上电手联登进出离预同确先女，。,"
_LABEL = "姓名|名字|名叫|联系人|收件人|被访人|来访人|签名"
_STANDS = f"(?:(?<![{_HAN}].)|(?<=[{_BEFORE}].))"
_ENDS = f"(?=[{_AFTER}]|[^{_HAN}]|$)"
PATTERN = re.compile(
    f"[{_SURNAMES}]{_STANDS}(?:[{_GIVEN}]{{1,2}}|[小大老]?[{_COUNTED}](?<!陆[{_COUNTED}]))(?![{_GIVEN}]){_ENDS}"
)
PATTERN_COMPOUND = re.compile(f"(?:{_COMPOUND})(?:[{_GIVEN}]{{1,2}}|[{_COUNTED}])(?![{_GIVEN}]){_ENDS}")
PATTERN_LABELLED = re.compile(
    f"(?:{_LABEL})[:：/ 是为]{{0,3}}(?P<name>(?:{_COMPOUND}|[{_SURNAMES}{_RARER}周])[{_HAN}]{{1,2}})(?!先生|女士|师傅)"
)
# A surname before one of these is no name: titles, and what only looks like one.
_NO_NAME = re.compile("王者|龙江|武林|武汉|田林|金华|宝")
_TITLE = re.compile("先生|女士|小姐|师傅|老师|经理|阿姨|大爷|奶奶|同志|姓名|电话|确认|登记")


def find(view: View) -> Iterator[Hit]:
    """Yield names; after a label any surname will do."""
    text = view.text
    for match in PATTERN_LABELLED.finditer(text):
        if not _TITLE.search(match["name"]):
            yield "possible", match.start("name"), match.end("name")
    for pattern in (PATTERN, PATTERN_COMPOUND):
        for match in pattern.finditer(text):
            if not _NO_NAME.match(match.group()):
                yield "possible", match.start(), match.end()


DETECTOR = Detector(
    kind="person_name",
    label=("姓名", "personal name"),
    find=find,
    core=(f"[{_SURNAMES}](?:[{_GIVEN}]|[小大老]?[{_COUNTED}])", *_COMPOUND.split("|"), *_LABEL.split("|")),
    examples=("王建国", "找李某某", "业主张三", "姓名：高某某", "欧阳某某", "访客陈某来访"),
    near_misses=("李先生来访", "找王师傅", "周三来访", "王府井", "姓名已核对"),
    patterns=(PATTERN, PATTERN_COMPOUND, PATTERN_LABELLED),
    signal=(
        PATTERN.pattern,
        *_COMPOUND.split("|"),
        *_LABEL.split("|"),
    ),
)
