"""What a person wants of a filed case, from his words."""

from __future__ import annotations

import pytest

from aid.cases.ticket_wishes import wish_of

SAID = {
    "withdraw": [
        "我要撤回投诉", "撤诉", "我想把上次的投诉撤了", "撤销我的举报", "把CC-2026-000012撤回", "那个投诉不用你们处理了", "我的案子不办了", "取消我上次提交的投诉",
        "投诉我不要了，已经和解", "调解申请我想撤回", "撤回昨天交的援助登记", "麻烦把那个单子作废",
    ],
    "supplement": [
        "我要补充材料", "补交一张照片", "还有证据要补", "我想补充一下情况", "再加几张照片可以加到投诉里", "有新的证据要交", "追加证据", "我还要补充", "补充几句说明",
    ],
    "reopen": ["要求重新办理", "请你们再处理一次", "这个案子我要求重新调查", "请重新处理我的投诉", "恢复办理"],
    "rate": ["我要评价", "给你们打个分吧", "评价一下这次服务", "给个好评", "我来评价你们"],
}  # fmt: skip
NONE = [
    "投诉以后能撤回吗", "怎么撤回投诉？", "怎样撤回专利申请", "我要撤回商标注册申请", "申请撤销对方的商标", "商标连续三年不用撤销", "专利权评价报告要多少钱",
    "我要做专利权评价报告", "补充协议有效吗", "我要投诉", "对方补充了证据怎么办", "申请材料要哪些", "取消", "算了", "我的专利被宣告无效了想重新申请专利",
    "他把我的店铺评价刷成差评了", "投诉要补什么材料？",
]  # fmt: skip


@pytest.mark.parametrize(("wish", "words"), [(wish, words) for wish, all_words in SAID.items() for words in all_words])
def test_a_wish_is_heard(wish: str, words: str) -> None:
    assert wish_of(words) == wish


@pytest.mark.parametrize("words", NONE)
def test_what_is_no_wish_is_left_to_others(words: str) -> None:
    assert wish_of(words) is None
