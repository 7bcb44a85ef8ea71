"""The calculators' page: each question has its answer, its rules, and a refusal in plain words."""

from __future__ import annotations

import pytest

ASKED = {
    "fee": ("kind=accept&amount=12345.67&halved=summary", "¥ 54.32", "第十三条"),
    "lpr": ("on=2025-05-20&term=one_year", "3.00%", "贷款市场报价利率每月20日"),
    "cap": ("lender=private&formed_on=2018-01-05&filed_on=2025-06-01", "12.00%", "第三十一条"),
    "delay-interest": (
        "amount=12345.67&due_on=2026-01-01&until=2026-02-15&paid_on=&paid=&stay_from=&stay_to=",
        "¥ 97.22",
        "万分之一点七五",
    ),
    "limitation": (
        "due_on=2021-06-16&as_of=2025-01-01&event_on=2022-11-01&cause=demand&event_end="
        "&event_on=&cause=&event_end=",
        "2025-11-03",
        "第八条",
    ),
    "enforcement": ("due_on=2024-03-01&as_of=2025-01-01", "2026-03-02", "第二百五十条"),
    "procedure": (
        "amount=30000&wage=100000&fact=due_and_fixed&fact=deliverable&fact=simple",
        "应当适用",
        "第一百六十五条",
    ),
}


@pytest.mark.parametrize("which", ASKED)
def test_a_question_is_answered_with_its_number_and_its_article(sign_in, which):
    words, number, article = ASKED[which]
    answer = sign_in("collector").get(f"/calculators/?which={which}&go=1&{words}")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert number in page
    assert article in page
    assert f'href="/law/{answer.context["told"]["rule"]}/"' in page


@pytest.mark.parametrize("which", ASKED)
def test_the_page_asks_before_it_answers_and_keeps_what_was_typed(sign_in, which):
    client = sign_in("compliance")
    before = client.get(f"/calculators/?which={which}")
    assert before.context["told"] is None
    assert "还没有计算" in before.content.decode()
    words, _, _ = ASKED[which]
    after = client.get(f"/calculators/?which={which}&go=1&{words}").content.decode()
    for pair in words.split("&"):
        name, _, value = pair.partition("=")
        if value:
            assert f'name="{name}"' in after
            assert f'value="{value}"' in after


def test_with_scripts_only_the_answer_is_drawn_again(sign_in):
    words, number, _ = ASKED["fee"]
    address = f"/calculators/?which=fee&go=1&{words}"
    part = sign_in("collector").get(address, headers={"HX-Request": "true"}).content.decode()
    assert number in part
    assert part.startswith('<section class="card" id="answer"')
    assert "<form" not in part


@pytest.mark.parametrize(
    ("words", "zh", "en"),
    [
        ("which=lpr&on=2026-09-20", "收录到 2026-09-19", "known through 2026-09-19"),
        ("which=fee&kind=accept&amount=5&on=2007-03-31", "从 2007-04-01 起收录", "from 2007-04-01"),
        ("which=fee&kind=accept&amount=much", "金额要写成", "like 1234.56"),
        ("which=fee&kind=preserve&amount=5&halved=summary", "“减半”不能用来计算", "halving"),
        ("which=cap&lender=transferee&formed_on=2025-01-01", "“出借人”不能用来计算", "lender"),
        ("which=limitation&due_on=", "“应还款日”不能用来计算", "due date"),
        (
            "which=enforcement&due_on=2024-03-01&event_on=2024-09-01&cause=",
            "“中断”",
            "Interruption",
        ),
    ],
)
def test_what_cannot_be_answered_is_refused_in_the_reader_s_language(sign_in, words, zh, en):
    client = sign_in("collector")
    for language, said in (("zh-CN", zh), ("en-GB", en)):
        answer = client.get(f"/calculators/?go=1&{words}", headers={"accept-language": language})
        assert answer.status_code == 422
        assert said in answer.content.decode()


def test_a_missing_wage_is_said_and_the_small_claim_left_open(sign_in):
    words = "amount=30000&fact=due_and_fixed&fact=deliverable&fact=simple"
    page = sign_in("collector").get(f"/calculators/?which=procedure&go=1&{words}").content.decode()
    assert "还不知道" in page
    assert "缺少本省上年度就业人员年平均工资" in page


@pytest.mark.parametrize("which", ["fee", "cap", "delay-interest", "limitation", "procedure"])
def test_no_word_in_a_form_is_a_fault(sign_in, which):
    client = sign_in("collector")
    names = "kind amount halved on lender formed_on filed_on principal until basis due_on as_of"
    names += " called_on event_on cause event_end obstacle_on paid_on paid stay_from fact wage"
    known = dict(p.partition("=")[::2] for p in ASKED[which][0].split("&"))
    for name in names.split():
        for nasty in ("\0", "²", "9" * 40, "9999-12-31", "0001-01-01", "1e999", "-1"):
            answer = client.get("/calculators/", known | {"which": which, "go": "1", name: nasty})
            assert answer.status_code in (200, 422), (name, nasty)
