"""Reading short answers: yes, no, stop, I don't know, and sentences with nothing in them.

Decided here on the citizen's own words rather than on Rasa's intent, because a petition is
submitted or withdrawn on the strength of them.
"""

from __future__ import annotations

import re

_EDGE = re.compile(r"^[\s,，。.!！~～、]+|[\s,，。.!！~～、]+$")
_PARTICLE = r"[的了吧啊呀哦噢嘞哈呢嘛啦滴喽咯]*"

_HURRY = (
    r"我要|我|那就|那|就|先|再|赶紧|赶快|快|马上|直接|给(?:我|俺|老子|咱)|帮(?:我|俺|忙)|替我|你们?|您|请|麻烦"
    r"|确认|确定|可以|看着(?:都)?对(?:的)?|都?对(?:的|了)?|好(?:的|嘞|吧)?|行(?:了)?|要得|中|成|嗯"
)
_YES = re.compile(
    rf"(?:嗯+|恩+|哦+|啊+|对对*|是是*|好好*|行行*|中|成|要得|得行|可以|没错|没问题|没有问题|无误|正确|确认|确定|"
    rf"同意|提交|确认提交|确定提交|就这样|就这么办?|就这么着|这样就行|照这样|交|交上去|发吧|报上去|报吧|"
    rf"给我交|帮我交|帮我提交|帮忙提交|麻烦提交|快提交|赶紧提交|ok|okay|yes|y|没毛病|妥|妥了|不用改|不改了?|没有要改|都对|全对|"
    rf"看着(?:都)?对(?:的)?|正是|是这样|就是这样|就是|没得问题|冇问题|系|系嘅|好嘅|"
    rf"(?:这回|这下|这次|现在|都|全|全都|就)?(?:是)?对(?:了|的|头)?|就这|就(?:是)?这(?:样|个|些|么多)(?:事)?|"
    rf"👌|👍|🆗|✅|(?:{_HURRY})*(?:提交|交上去|报上去|交)(?:吧|了吧)?){_PARTICLE}"
)
_NOTHING_MORE = re.compile(
    rf"(?:没啥|没什么|没有别的|没别的|没有其他|没其他|没有|没|冇得|莫得)(?:了|要说的?|要改的?|要补充的?|补充)*{_PARTICLE}"
)
_SUBMITS = re.compile(r"交|报上|报吧|发吧|照办")
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
_CANCEL_BECAUSE = re.compile(
    r"^(?:这个|那|那个|这事|先|我|就)*(?:算了|(?:先)?不(?:反映|投诉|登记|办|说|弄|告|填|报|提交|用办|用管)了)"
    r"[,，。 ](?!.*(?:还是|继续|登记|交吧|再说)).{0,30}$"
)
_RESUME = re.compile(
    r"^(?:那|咱|咱们|我|俺|我们|想|要|再|来|还|就)*(?:继续|接着|接上|续上|往下)(?:再)?(?:说|讲|弄|登记|反映|办|报|填|来)?(?:一下|完|下去)?"
    r"(?:(?:上[次回]|刚才|之前|前面|那天|没说完)的?)?(?:的|说的)?(?:那|这)?(?:个|件)?(?:事|话)?(?:情|儿)?"
    r"(?:说|讲|登记|弄|往下说)?[了吧啊呗嘛]*$"
)
_RESTART = re.compile(
    r"^(?:(?:全|都|全都|统统|整个)(?:错|不对|弄错|写错|搞错)了?[,，。 ]*)?"
    r"(?:我|俺|咱)?(?:要|想|再)?(?:重新来|重来|从头(?:来|说|再来)|重新(?:说|填|登记|弄|开始))(?:一遍|一次|过)?[了吧啊呗嘛]*$"
    r"|^(?:全|都|全都)(?:错|不对|弄错|写错|搞错)了?$"
)
_ADDS = re.compile(
    r"^(?:对了|哦对)?[ ,，]*"
    r"(?:忘了?(?:说|讲)了?|漏(?:说|讲)?了|还有(?:个事|一点)?|再补(?:充)?|补充一?下?|.{1,6}那[个件](?:事)?也?(?:补|加))"
)
_PERSON = re.compile(
    r"人工|客服|真人|喘气的|活人|专员|接线员|工作人员|转(?:接|给|个)?.{0,2}人|找(?:个|一个|你们)?(?:人(?!谈|赔|修)|领导|同志|负责)|有(?:没有)?人(?:吗|没|接|在)|派(?:个)?人(?:给我|来)?(?:回|打)|给我(?:回|打)(?:个)?电话|换(?:个)?人"
)
_SKIP = re.compile(
    rf"(?:不知道|不清楚|不记得|记不清|记不得|记不住|忘|忘记|说不清|说不好|搞不清|不晓得|没印象|不方便说|不想说|"
    rf"不说|跳过|略|略过|没有|没|无|随便|都行|都可以|你们看着办|看着办|你看着办|您看着办|随你们|不好说|不确定){_PARTICLE}"
)
_ANONYMOUS = re.compile(
    r"匿名|(?:别|不要|不能|千万别|可别)(?:说|让人知道|透露|提)(?:是)?(?:我|俺)|不敢(?:留|说)(?:名|真名|姓名|电话)|不留|不想留|不方便留|不给|保密|不愿意留|不要联系|别联系|不用联系|不透露|不想透露|不要电话|没电话|没有电话|没手机|没有手机|怕报复"
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
    r"给|帮|帮忙|帮我|哎|唉|嗨|还是|气不过|想来想去|思来想去|向|政府|平台|咨询|建议|找|下|嘛|哈|是|就是|新|另|另外|再|还|又|意见|表达|不满|维权)+"
)


def _bare(text: str) -> str:
    return _EDGE.sub("", text.lower())


def is_yes(text: str) -> bool:
    """True for an agreement and nothing else ("对，提交吧"), never for "不对" or a longer story."""
    words = [word for word in _YES_JOIN.split(_bare(text)) if word]
    # 「没啥了，交吧」: nothing to add is no refusal beside a yes.
    if len(words) > 1:
        words = [word for word in words if not _NOTHING_MORE.fullmatch(word)]
    return bool(words) and all(_is_yes_word(word) for word in words)


def _is_yes_word(word: str) -> bool:
    """One yes, or several without a pause (「对对就这样吧」)."""
    if _YES.fullmatch(word):
        return True
    return len(word) <= 10 and any(
        _YES.fullmatch(word[:cut]) and _is_yes_word(word[cut:]) for cut in range(1, len(word))
    )


def is_submit(text: str) -> bool:
    """True for a yes that names the deed (「确认提交」, 「对，交吧」)."""
    return is_yes(text) and bool(_SUBMITS.search(text))


def is_resume(text: str) -> bool:
    """True when somebody only wants to go on with what was left half told."""
    return bool(_RESUME.match(_bare(text)))


def is_restart(text: str) -> bool:
    """True when all that was told is to be forgotten (「全错了，重来」)."""
    return bool(_RESTART.match(_bare(text)))


def adds_to_case(text: str) -> bool:
    """True for 「忘说了，…」 and the like: something that belongs to what was told before."""
    return bool(_ADDS.match(text))


def wants_person(text: str) -> bool:
    """True when a person is asked for in so many words."""
    return bool(_PERSON.search(text))


def is_no(text: str) -> bool:
    """True for a refusal and nothing else."""
    words = [word for word in _YES_JOIN.split(_bare(text)) if word]
    return bool(words) and all(_NO.fullmatch(word) for word in words)


def is_cancel(text: str) -> bool:
    """True when the citizen drops what is being done ("算了，不反映了")."""
    bare = _bare(text)
    return bool(_CANCEL.match(bare) or _CANCEL_BECAUSE.match(bare))


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
