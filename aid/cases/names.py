"""Names of people, as they say them: 我叫王强, 联系人李娜, 免贵姓赵, or the bare name when it was asked for."""

from __future__ import annotations

import re

_SINGLE = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金"
    "韦贾夏付方邹熊白孟秦邱侯江尹薛闫雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文庞樊兰殷施洪翟安颜倪牛温芦季俞章鲁葛"
    "伍申尤毕聂柴焦向柳邢岳齐梅庄辛管祝左涂谷祁舒耿牟卜路詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁"
    "柯阮桂闵解强柴车冉房褚娄艾全丛仝佟宫栾战尚由迟宿展初矫门郎敖卞戚茅蔺栗荆楼晏苟巩郁佘滕仇糜雍逄"
    "萧傅阎段华边辜吉饶刁瞿丘古臧畅廉简符奚燕邸冀姬屠郜蒙喻揭窦鄢冷卓蓝稽虞竺冼匡谌岑芦苑邬杭"
)
_DOUBLE = "欧阳|司马|上官|诸葛|夏侯|皇甫|尉迟|公孙|慕容|令狐|长孙|宇文|司徒|东方|独孤|南宫|端木|完颜|呼延|申屠|爱新觉罗"
SURNAME = rf"(?:{_DOUBLE}|[{_SINGLE}])"
_TITLE = r"(?:先生|女士|小姐|师傅|经理|老师|同志|大爷|大妈|大哥|大姐|总|工|律师|主任)"
FULL_NAME = rf"{SURNAME}[\u4e00-\u9fff]{{1,2}}"
_CALLED = rf"(?:{SURNAME}{_TITLE}|{FULL_NAME}|[老小]{SURNAME})"
_END = (
    r"(?=$|[\s,，。.、;；!！:：(（\d]|[的]?(?:电话|手机|号码|联系|来自|是我|就行|就好|就可以|吧)|[,，]?我|"
    r"(?:是|在|要|想|住|从|做|有|被|投诉|举报|申请|发现|今年|来投|来举|请|麻烦|家住|家在|公司))"
)

_SAID = (
    re.compile(
        rf"(?:我叫|我的?名字[是叫]?|叫我|姓名[是为叫:\s]*|(?<!被)(?:申请人|投诉人|举报人|请求人|反映人)[是为叫:\s]+|"
        rf"(?<!对方)联系人[是为叫找写:\s]*|(?<!对方)联系|请?找(?:一下)?|"
        rf"打给)(?P<name>{_CALLED}){_END}"
    ),
    re.compile(rf"(?:^|[\s,，。;；])(?:我是|本人是?|我,)(?P<name>{_CALLED}){_END}"),
    re.compile(rf"(?:我|本人)(?:就?是|来自|,)?[^,。;!?]{{2,20}}(?:公司|厂|店|中心|大学|学院|研究所|合作社|集团|事务所)的(?P<name>{_CALLED}){_END}"),
    re.compile(
        rf"(?:我叫|我的名字[是叫])(?P<name>[\u4e00-\u9fff]{{1,6}}·[\u4e00-\u9fff·]{{1,10}}|"
        rf"(?![他她它你您这那人大家不别来去])[\u4e00-\u9fff]{{2,4}}?|"
        rf"[A-Za-z][A-Za-z .·]{{1,30}}){_END}"
    ),
    re.compile(rf"(?:我是|找)[^,，。;；!?]{{0,8}}[部科办室组处](?P<name>{_CALLED}){_END}"),
    re.compile(r"(?<!对方)联系人[是为叫:\s]*(?P<name>[A-Za-z][A-Za-z ]{1,20}[A-Za-z])(?=$|[\s,，。;；\d])"),
    re.compile(rf"(?:我|免贵|本人|^|(?<=[,。;\s]))姓(?P<name>{SURNAME}){_END}"),
    re.compile(rf"(?:我们|我司|公司|我是|联系)[^,。;!?]{{0,6}}(?:法务|经理|负责人|业务员|助理|秘书|会计|主管|工程师|社长|厂长|店长|校长|主任|站长|科长|设计师|插画师|画师|画家|作者|摄影师|发明人|权利人|专利权人|老师|教授|博士|"
        rf"财务|出纳|文员|老板|村长|书记|代理人|律师)\s?(?P<name>{FULL_NAME}){_END}"),
    re.compile(rf"(?:我|本人)(?:姓|就?是)[^。;!?]{{1,20}}[,\s](?:我|名)?叫(?P<name>{FULL_NAME})(?=$|[\s,，。;；!！(（\d])"),
    re.compile(
        rf"(?:找|联系|打给|问)(?:一下)?(?:我们?|我家|咱们?)?(?:儿子|女儿|闺女|姑娘|孙子|孙女|老伴|爱人|媳妇|丈夫|对象|老公|老婆|妹妹|弟弟|姐姐|哥哥|"
        rf"徒弟|同事|办公室|财务|前台|法务|代理人|律师|会计|厂里|店里)的?(?P<name>{_CALLED})(?=$|[\s,，。;；!！(（\d]|电话|手机)"
    ),
    re.compile(
        rf"(?:秘书长|会长|社长|厂长|店长|理事长|校长|经理|主任|法务|财务|会计|业务员|代理人|代理师|律师|经办人?|参展商|代办人|承办人|办理人|负责人|申报人|(?<!对方)代表)[是为:：\s]*(?P<name>{_CALLED})"
        rf"(?=$|[\s,，。;；!！]{{0,2}}(?:[(（][^()（）]{{1,10}}[)）])?[\s,，]{{0,2}}(?:电话|手机|联系|1[3-9]\d|0\d{{2,3}}-))"
    ),
    re.compile(rf"(?<=\d{{4}})[\s,(]{{0,3}}(?P<name>{_CALLED})(?=$|[\s,，。;；!！)])"),
    re.compile(
        rf"(?:^|[\s,，。;；])(?P<name>{_CALLED})[,，\s:：]*(?:电话|手机|联系电话)?[是:：\s]*"
        r"(?=1[3-9]\d[\d -]{8,10}(?!\d)|0\d{2,3}[ -]?\d{4})"
    ),
)
_SIGNED = re.compile(rf"(?<=[\s,，。])(?P<name>{FULL_NAME})[。!！]?$")
_NUMBER_BEFORE = re.compile(r"\d{4}[^\d。;!?]{0,14}$")
_NOT_NAMES = {
    "安保", "高管", "马上", "江湖", "方便", "常客", "石头", "万一", "金牌", "高级", "文员", "卫生", "单位",
    "解决", "成员", "全部", "强烈", "关门", "展商", "展方", "展位", "展台", "展会", "展馆", "司机", "包装",
    "查询", "成功", "何时", "任何", "向您", "于是", "易碎", "车主", "车灯", "车展", "门口", "由于", "初中",
    "战略", "管理", "路人", "项目", "白天", "温馨", "单身", "位置", "牛人", "房东", "全国", "经理", "商家",
    "谢谢", "感谢", "吉林", "吉林省", "华为", "边上", "古董", "简单", "冷静", "简介", "燕窝", "蓝色", "蓝牙",
    "高兴", "律师", "方法", "方式", "时间", "任意", "相关", "人工",
}  # fmt: skip
# No given name has these; beside a bare surname they tell of a common word (白天打, 方便接).
_UNLIKELY = re.compile("[打接电话上下午晚早时候以都行能有事在来去急请谢您你我他的了吗呢是不没这那就也很找回点钟后前面便间处理尽快仿抄侵假]|可(?!$)")
_LEAD = re.compile(
    r"^(?:您好|你好|嗯|哦|噢|好的?|行)?[\s,，]*(?:我的?(?:名字|姓名)?(?:是|叫)|(?:姓名|名字|联系人)[是为叫:：]*|(?:就)?叫我|"
    r"(?:我|本人|免贵)?(?=姓)|就?叫|本人)?[\s:：]*"
)
_ENDING = re.compile(r"(?:就行|就好|就可以|即可|吧|呗|啊|呀|了)+$")
_SURNAME_ONLY = re.compile(rf"^(?:免贵)?姓({SURNAME})$")
_HAN_NAME = re.compile(r"^[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff·]{2,20}$")
_LATIN_NAME = re.compile(r"^[A-Za-z][A-Za-z .'·-]{1,38}$")


def find_name(text: str) -> tuple[str, int, int] | None:
    """A name said with words that mark it (我叫, 我是, 联系人 …): name, start and end of the whole phrase."""
    for pattern in _SAID:
        for match in pattern.finditer(text):
            if match["name"] not in _NOT_NAMES and _is_likely(match["name"], match[0]):
                return match["name"].strip(), match.start(), match.end()
    signed = _SIGNED.search(text)  # 电话0431-…，上午在，王敏
    if signed and _NUMBER_BEFORE.search(text[: signed.start()]) and signed["name"] not in _NOT_NAMES and _is_likely(signed["name"], ""):
        return signed["name"], *signed.span("name")
    return None


def _is_likely(name: str, phrase: str) -> bool:
    """Whether the word is a name: said to be one (我叫, 姓名), with a title, or without characters that no given name has."""
    titled = re.fullmatch(rf"{SURNAME}{_TITLE}|[老小]{SURNAME}", name)
    return bool(titled or re.search("[叫姓名]", phrase) or not _UNLIKELY.search(name[1:]))


def answered_name(text: str) -> str | None:
    """The name in an answer to the question for it; ``None`` when it cannot be one."""
    if found := find_name(text):
        return found[0]
    text = re.split(r"[,，。;；!！\n]", text.strip().strip("。.!！"))[0].strip()
    text = _ENDING.sub("", _LEAD.sub("", text, count=1)).strip()
    if surname := _SURNAME_ONLY.match(text):
        return surname[1]
    if _LATIN_NAME.match(text):
        return text
    if not _HAN_NAME.match(text):
        return None
    likely = len(text) <= 4 or "·" in text or re.fullmatch(rf"{_CALLED}", text)
    return text if likely and not re.search("[不没怎么什吗呢哪谁您你]", text) else None
