"""What is sought: 希望他们停止销售，赔五万; 要求删图. The words behind the wish, to the end of what belongs to it."""

from __future__ import annotations

import re

_CUES = (
    re.compile(r"必须(?=[让叫给赔道])|(?:我(?:方|们)?的?)?(?:要求|诉求|请求|我的?(?:意思|底线))(?:就?是|为|:)?"),
    re.compile(
        r"希望|想让|想要(?!调解|申请|投诉|举报|咨询)|(?:只|就)(?:想|求|要)(?!调解|匿名|申请|投诉|问|是|和和气气)|盼着?|恳请|建议|能不能(?=给[我个])|"
        r"请(?=给我|给个|你们|贵中心|对方|务必|尽快|更正|改正|删|把|重新|安排|答复|处理|道歉)|(?:我|俺)不图钱,?|别的不要,?"
    ),
    re.compile(r"我(?:们|就|只)?要(?=[^,。;!?]{1,16}?(?:下架|停止|赔|道歉|删|撤|退))|(?:让|叫|要)(?=(?:他|她|对方|你)(?:们|家)?)|我(?:们|就|只)?要(?=[\d一二两三四五六七八九十]+[百千万]*[块元])|(?=降到\d)"),
)
"""Words that begin a wish, those that say so outright first."""
_LEAD = re.compile(
    r"^(?:[^,。;\s]{0,14}?(?:网店|店家|公司|厂家|商家|[店厂])(?=停|赔|道歉|删|下架|撤|销毁|退|换|改|别|不要)|"
    r"的是|让|能够?|可以|就是|是|你们?能|中心|,|:|\s)+"
)
_BREAK = re.compile(r"[。;!?\n]")
_COMMA = re.compile(r"[,\s]+")
_NEW = re.compile(
    r"^(?:赔不赔|别的|不用|不然|不愿意|不想|不行|要不|我们?(?:要求|希望|不|可以|愿|想请)|昨天|前天|上次|听说|该|是不是|怎么|听说|有没有|你们|帮|请你|想|我(?:叫|姓|是|的?电话|的?手机|们?公司|在|没|还没|们?也|们?没|们?有|想)|"
    r"本人|电话|手机|座机|联系|"
    r"请打|打我|请联系|对方(?!停|赔|道|下|删|撤|公开|把|支)|他们?(?:也|都|说|不|愿|同|肯|还|在|叫|没)|"
    r"没(?:打|有|起|上|问)|还没|案子|法院|已经|专利|商标|事情|地[点址]|因为|谢谢|麻烦|急|可以匿名|匿名|不留|受理|编号|单号|"
    r"这(?:事|件)|能|版权|证书|要求|希望|诉求|请求|目前|现在|但|如果|可|不知道|\d{7})"
)
_GOES_ON = re.compile(
    r"停|赔|道歉|道个?歉|删|下架|撤|销毁|退|换|改|别|不要|不再|不得|付|承认|公开|声明|保证|承诺|归还|还我|给我|补|分|再|以后|把|罚|处理|消除|登报|销|交出|签|许可|授权|拆|摘|"
    r"收回|召回|恢复|解释|答复|说法|[\d一二两三四五六七八九十百][百千万元块]|并"
)
_NOTHING = re.compile(
    r"^(?:他|她|对方|你|们|家|来|去|能|可以|申请|想|要|走|通过|先|做|进行|帮|我|一下|一|个|次|吧|的|了)*(?:调解|投诉|举报|"
    r"裁决|援助|维权援助|知道|了解|问问?|咨询|行政裁决|解决|帮忙|帮助|回电|电话)?(?:吧|了|啊|一下)*$"
)
_RESULT = re.compile(
    r"降|停|赔|道歉|删|下架|撤|销毁|收回|召回|退|换|改|别|不要|不再|付|支付|钱|承认|公开|声明|给|批评|处理|处罚|整改|答复|回复|"
    r"说法|解释|负责|恢复|消除|登报|授权|费|罚|查|办|快|座|培训|解决|交|许可|"
    r"分|署名|更正|[\d一二两三四五六七八九十百][百千万元块]|拆|归还|还我|补|保证|承诺|重新|安排|提高|改进|改善|增加|能"
)
_ASKING = re.compile(r"(?:可以|行|好|成|能)?(?:吗|么|呢|不|行不行|成不成|可不可以|好不好)$")
_LEARN = re.compile("知道|了解|问|咨询|弄明白|搞清楚")
_SERVICE = re.compile(r"调解|裁决|投诉|举报|援助|登记|受理|说和|回电|电话|联系|处理$|查处|核实|取证|再问|回我")
_STRONG = re.compile(r"降到|停|赔|道歉|删|下架|撤|销毁|退|换|付|钱|改|批评|处理|答复")


def find_wish(text: str) -> tuple[str, int, int] | None:
    """The wish as it is said, and where it stands; ``None`` when the sentence tells none."""
    for cue in (cue for cues in _CUES for cue in cues.finditer(text)):
        if re.search(r"[不没]\s*$", text[: cue.start()]):
            continue
        begin = cue.end()
        stop = _BREAK.search(text, begin)
        end = _end(text, begin, stop.start() if stop else len(text))
        wish = text[begin:end]
        lead = _LEAD.match(wish)
        begin += lead.end() if lead else 0
        wish = _ASKING.sub("", text[begin:end].rstrip(" ,"))
        if (
            len(wish) >= 2
            and not _NOTHING.match(wish)
            and not _LEARN.match(wish)
            and _RESULT.search(wish)
            and (_STRONG.search(wish) or not _SERVICE.search(wish))
        ):
            return wish, begin, begin + len(wish)
    return None


def _end(text: str, begin: int, stop: int) -> int:
    """Where the wish ends: before the first clause that speaks of something else."""
    for comma in _COMMA.finditer(text, begin, stop):
        clause = re.split(r"[,\s]", text[comma.end() : stop], maxsplit=1)[0]
        if comma.start() > begin + 1 and (_NEW.match(text[comma.end() : stop]) or not _GOES_ON.search(clause)):
            return comma.start()
    return stop
