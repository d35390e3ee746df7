"""The words of the rules that a file's mere form can break; the lint rules say some of them too."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A rule's words for one fault."""

    rule: str
    article: str
    zh: str
    en: str
    instead: str = ""


NO_PERIOD = Said(
    rule="L-030",
    article="PIPL 17(1)(2)",
    zh="未明确保存期限或确定方法",
    en="No retention period, or no method of fixing it",
    instead="retention: {starts: exit_time, or_else: entry_time + 24h, keep: 30d, then: erase}",
)
NO_CONTROLLER = Said(
    rule="L-001",
    article="PIPL 17(1)(1)",
    zh="未填写个人信息处理者名称或联系方式",
    en="The controller's name or contact is missing",
    instead="controller: {name: 物业公司全称, contact: 电话}",
)
NO_FATE = Said(
    rule="L-039",
    article="PIPL 47(1)(2)",
    zh="到期处理只能是删除或匿名化，遮盖显示不算",
    en="What happens at the end is erase or anonymise; masking is neither",
    instead="then: erase",
)
ONE_BASIS = Said(
    rule="L-020",
    article="PIPL 13(1)",
    zh="每个字段须且只能选择一个合法性基础",
    en="Each field has exactly one legal basis",
    instead="basis: consent",
)
NO_WILDCARD = Said(
    rule="L-010",
    article="PIPL 6(2)",
    zh="必须逐项列出可收集的字段，不得使用通配",
    en="Fields are listed one by one, without a wildcard",
    instead="fields: {visitor_name: {…}}",
)
FOR_EVER = Said(
    rule="L-031",
    article="PIPL 19",
    zh="不得永久保存个人信息",
    en="Personal information may not be kept for ever",
    instead="keep: 30d",
)
IN_PLAIN = Said(
    rule="L-041",
    article="PIPL 28(2)",
    zh="敏感个人信息不得明文存储",
    en="Sensitive personal information may not be stored in plain",
    instead="store: sealed",
)
# What a missing key breaks, by the end of its path.
MISSING: dict[str, Said] = {
    "purpose": Said(
        rule="L-011",
        article="PIPL 6(1)",
        zh="字段“{field}”未声明处理目的",
        en="Field {field} declares no purpose",
        instead="purpose: 取 site.yaml 中 purposes 的一项 / one of the site's purposes",
    ),
    "sensitivity": Said(
        rule="L-012",
        article="PIPL 51(2)",
        zh="字段“{field}”未分类分级",
        en="Field {field} is not classified",
        instead="sensitivity: normal | raised | sensitive",
    ),
    "necessity": Said(
        rule="L-013",
        article="PIPL 6(2)",
        zh="未说明收集“{field}”的必要性",
        en="Why {field} is needed is not explained",
        instead="necessity: 用一句话说明没有它就做不到什么",
    ),
    "basis": ONE_BASIS,
    "retention": NO_PERIOD,
    "keep": NO_PERIOD,
    "starts": NO_PERIOD,
    "or_else": Said(
        rule="L-038",
        article="PIPL 47(1)(2)",
        zh="起算事件可能不发生（如未登记离开），须设置兜底起算时间",
        en="The start event may never happen; say from when to count then",
        instead="or_else: entry_time + 24h",
    ),
    "then": NO_FATE,
    "fields": NO_WILDCARD,
    "controller": NO_CONTROLLER,
}
BAD_NAME = Said(
    rule="F-04",
    article="E",
    zh="字段名只能用小写字母、数字和下划线，以字母开头",
    en="A field's name is lower-case letters, digits and underscores, and begins with a letter",
    instead="visitor_name",
)
BAD_CASES = Said(
    rule="F-04",
    article="E",
    zh="用例要写成“- 一句话: {submit: …, expect: …}”",
    en="A case is one sentence with its body",
    instead="- a visitor may leave the phone out: {submit: {}, expect: admitted}",
)
NO_RECIPIENT = Said(
    rule="L-060",
    article="PIPL 23",
    zh="对外提供未写明接收方信息：缺 {x}",
    en="The recipient's details are missing: {x}",
    instead="recipients: [{name: …, contact: …, purpose: …, method: …, fields: […]}]",
)
NO_AGREEMENT = Said(
    rule="L-061",
    article="PIPL 21, 网数条例 12(1)",
    zh="委托处理协议要素不全：缺 {x}",
    en="The agreement with an entrusted party lacks: {x}",
    instead="entrusted: [{…, method: …, measures: …, duties: …, until: 到期日}]",
)
UNKNOWN_LAW = Said(
    rule="F-16",
    article="E",
    zh="法规库中没有“{x}”，或当日未生效",
    en="The law registry does not know {x}, or it is not in force on the day",
    instead="见 policies/law.yaml / as law.yaml has it",
)
NOT_ACCEPTABLE = Said(
    rule="F-14",
    article="E",
    zh="只有警告可以由负责人接受，错误和未知的规则不可以",
    en="Only a warning can be accepted, neither an error nor a rule that nobody knows",
    instead="改正策略，删去这一条接受 / mend the policy and remove this",
)
ACCEPTS_NOTHING = Said(
    rule="F-15",
    article="E",
    zh="这一条接受没有对应的警告",
    en="There is no warning that this accepts",
    instead="删去这一条 / remove it",
)
TWICE = Said(
    rule="F-09",
    article="E",
    zh="这个类别在另一个文件里已经写过",
    en="Another file has this category already",
    instead="合并成一个文件 / merge the files",
)
