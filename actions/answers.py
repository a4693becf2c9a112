"""Reading short answers: yes, no, stop, I don't know, and sentences with nothing in them.

Decided here on the citizen's own words rather than on Rasa's intent, because a petition is
submitted or withdrawn on the strength of them.
"""

from __future__ import annotations

import re

_EDGE = re.compile(r"^[\s,，。.!！~～、]+|[\s,，。.!！~～、]+$")
_PARTICLE = r"[的了吧啊呀哦噢嘞哈呢嘛啦滴喽咯]*"

_YES = re.compile(
    rf"(?:嗯+|恩+|哦+|啊+|对对*|是是*|好好*|行行*|中|成|要得|得行|可以|没错|没问题|没有问题|无误|正确|确认|确定|"
    rf"同意|提交|确认提交|确定提交|就这样|就这么办?|就这么着|这样就行|照这样|交|交上去|发吧|报上去|报吧|"
    rf"给我交|帮我交|帮我提交|帮忙提交|麻烦提交|快提交|赶紧提交|ok|okay|yes|y|没毛病|妥|妥了|不用改|不改了?|没有要改|都对|全对|"
    rf"正是|是这样|就是这样|就是|没得问题|冇问题|系|系嘅|好嘅){_PARTICLE}"
)
_YES_JOIN = re.compile(r"[\s,，。.!！~～、;；]+")
_NO = re.compile(
    rf"(?:不+|不是|不对|不行|不要|不用|不可以|不能|不同意|不提交|不交|别提交|别交|先别(?:交|提交|弄)?|先不|等等|等一下|"
    rf"没有|错|错了|有错|有误|不正确|no|n|否|莫|勿|不中|唔系|冇){_PARTICLE}"
)
_CANCEL = re.compile(
    r"^(?:(?:那)?(?:还是)?(?:算了|算球了|算了算了|取消|退出|结束|停止|终止|放弃|拉倒|作罢)"
    r"|(?:我)?(?:现在)?(?:不|不想|不用|别)(?:再)?(?:弄|搞|填|说|提交|提|反映|投诉|登记|办|报|写|查|补充|评|评价)(?:这个|这事)?了"
    r"|不投诉|不反映|不登记|不提交|不查|不填|不办)"
    r"(?:吧|啊|了|嘛|呗|哦|这次|登记|提交|填写|投诉|操作|查询|,|，|。|\.|!|！|\s|不弄了|不说了|不反映了|不提交了|不投诉了|没意思|没用|谢谢)*$"
)
_SKIP = re.compile(
    rf"(?:不知道|不清楚|不记得|记不清|记不得|记不住|忘|忘记|说不清|说不好|搞不清|不晓得|没印象|不方便说|不想说|"
    rf"不说|跳过|略|略过|没有|没|无|随便|都行|都可以|你们看着办|看着办|你看着办|您看着办|随你们|不好说|不确定){_PARTICLE}"
)
_ANONYMOUS = re.compile(
    r"匿名|不留|不想留|不方便留|不给|保密|不愿意留|不要联系|别联系|不用联系|不透露|不想透露|不要电话|没电话|没有电话|没手机|没有手机|怕报复"
)
_QUESTION = re.compile(
    r"[?？]|吗|么$|呢$|怎么|怎样|咋|如何|什么|啥|多久|多长时间|几[天点号月年次个]|哪|谁|能不能|可不可以|可以不|"
    r"是不是|有没有|会不会|要不要|为什么|为啥|多少|合法|违法吗|算不算|行不行|"
    r"([\u4e00-\u9fff])[不没]\1|[不没]$"
)
_WANTED = re.compile(r"时间|地址|电话是|流程|材料|手续|标准|条件|规定|政策|补贴|办法|区别")
_OPENERS = re.compile(
    r"(?:您好|你好|在吗|请问|那个|麻烦|同志|领导|老师|我|俺|咱|偶|要|想|需要|来|有|一个|个|一下|些|点|件|事情|事儿|事|问题|情况|"
    r"反映|反应|投诉|举报|诉求|提交|提|登记|上访|信访|求助|说|讲|告诉|你们|你|您|怎么|如何|在哪|哪里|里|继续|接着|刚才|上次|没说完|这里|这儿|能|可以|吗|啊|呀|吧|呢|的|了|"
    r"给|帮|帮忙|帮我|向|政府|平台|咨询|建议|找|下|嘛|哈|是|就是|新|另|另外|再|还|又|意见|表达|不满|维权)+"
)


def _bare(text: str) -> str:
    return _EDGE.sub("", text.lower())


def is_yes(text: str) -> bool:
    """True for an agreement and nothing else ("对，提交吧"), never for "不对" or a longer story."""
    words = [word for word in _YES_JOIN.split(_bare(text)) if word]
    return bool(words) and all(_YES.fullmatch(word) for word in words)


def is_no(text: str) -> bool:
    """True for a refusal and nothing else."""
    words = [word for word in _YES_JOIN.split(_bare(text)) if word]
    return bool(words) and all(_NO.fullmatch(word) for word in words)


def is_cancel(text: str) -> bool:
    """True when the citizen drops what is being done ("算了，不反映了")."""
    return bool(_CANCEL.match(_bare(text)))


def is_skip(text: str) -> bool:
    """True for "I don't know" and the like, when a detail was asked for."""
    words = [word for word in _YES_JOIN.split(_bare(text)) if word]
    return bool(words) and all(_SKIP.fullmatch(word) for word in words)


def is_anonymous(text: str) -> bool:
    """True when the citizen would rather not leave a number."""
    return len(text) <= 30 and bool(_ANONYMOUS.search(text))


def is_question(text: str) -> bool:
    """True when the words ask something; a complaint may be phrased so too."""
    return bool(_QUESTION.search(text))


def wants_to_know(text: str) -> bool:
    """True for a question, and for one that only names what is wanted (「低保申请流程」)."""
    return is_question(text) or bool(_WANTED.search(text))


def without_openers(text: str) -> str:
    """What is left when 「您好，我要投诉一个问题」 and the like are taken away."""
    return re.sub(r"[\s\W_]+", "", _OPENERS.sub("", text))
