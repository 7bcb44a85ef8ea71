"""What may not be said is found under every disguise, and polite messages pass."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from forbear.screening.phrase import FOLDER, NEGATION, BadPhrasePack, Harm, parse_phrases
from forbear.screening.screen import By, Sure, Told, flags
from forbear.screening.taught import BadWeights, parse_weights
from forbear.store.packs import fetch_pack_texts
from forbear.store.screening import fetch_screen, fetch_weights
from forbear.treatment.message import filled_in, parse_messages, plain

HERE = Path(__file__).parent
POLITE = (HERE / "polite.txt").read_text("utf-8").splitlines()
ABUSIVE = [line.split("\t") for line in (HERE / "abusive.tsv").read_text("utf-8").splitlines()]
TEXTS = {p: t for p, t in fetch_pack_texts().items() if p.startswith(FOLDER)}
SCREEN = fetch_screen()


def found(text: str, told: Told | None = None) -> set[tuple[str, str, str]]:
    """Return category, sureness and words of each phrase found."""
    return {
        (hit.harm.value, hit.sure.value, text[hit.start : hit.end])
        for hit in SCREEN.hits(text, told or Told())
        if hit.by is By.phrase
    }


def harms(text: str, **told: object) -> set[str]:
    return {harm for harm, _, _ in found(text, Told(**told))}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("再不还，杀你全家", "杀你全家"),
        ("再不还，杀 你✨全~家。", "杀 你✨全~家"),
        ("殺你全家", "殺你全家"),
        ("ｓ全家", "ｓ全家"),
        ("4全家", "4全家"),
        ("死quan家", "死quan家"),
        ("Pay or we k-i-l-l you", "k-i-l-l you"),
        ("打断你的狗腿", "打断你的狗腿"),
    ],
)
def test_a_threat_is_found_where_it_stands(text, words):
    assert ("threat", "certain", words) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "再不还就找人上门砍你",
        "小心你的腿",
        "当心你的狗腿",
        "小心你全家",
        "当心你的家人",
        "叫人上门把你砍了",
        "砍你全家",
        "你再不还钱我就去你家打你全家",
        "再拖我就上门打断你的手",
        "Pay up, or watch your legs",
    ],
)
def test_a_threat_said_plainly_is_certain_and_does_not_leave(text):
    assert "threat" in {harm for harm, sure, _ in found(text) if sure == "certain"}
    assert SCREEN.blocking(SCREEN.hits(text, Told()))


@pytest.mark.parametrize(
    "text",
    [
        "小心诈骗",
        "请小心诈骗短信，谨防上当",
        "小心你的验证码被骗",
        "小心地滑，保重身体",
        "天冷路滑，小心驾驶，注意腿脚",
        "如有人上门砍价，请勿相信",
        "帮砍你的账单，优惠今日截止",
        "我们不会派人上门",
        "可安排工作人员上门签收，上门前会给您打电话",
        "请您当心冒充客服的人上门收款",
    ],
)
def test_a_warning_or_a_visit_that_harms_nobody_is_no_threat(text):
    assert harms(text) == set()
    assert not SCREEN.blocking(SCREEN.hits(text, Told()))


@pytest.mark.parametrize(
    "text",
    [
        "草泥马还钱",
        "草 泥 马",
        "操尼玛的还不还",
        "你就是个傻缺",
        "艹尼玛",
        "草尼马",
        "艹泥玛",
        "草泥玛",
        "caonima",
        "你他尼玛",
        "你🐴死了",
        "你🐎死了",
        "biao子",
        "艹你",
    ],
)
def test_a_curse_in_its_usual_other_hanzi_is_certain(text):
    assert "insult" in {harm for harm, sure, _ in found(text) if sure == "certain"}


@pytest.mark.parametrize(
    "text",
    [
        "尼玛次仁您好，您的账单已出",
        "尼玛的账单已结清，谢谢",
        "尼玛先生",
        "尼玛卓玛女士",
        "达娃尼玛",
        "日尼玛仓决",
        "尼玛多吉",
        "我们明天去尼玛的银行网点",
        "请与报表子公司核对账单",
        "本表子项如下",
    ],
)
def test_a_name_and_a_part_of_another_word_are_no_curse(text):
    assert harms(text) == set()
    assert not SCREEN.blocking(SCREEN.hits(text, Told()))


@pytest.mark.parametrize("text", ["万一你忘了还款日", "账单统一你我都看得到"])
def test_one_is_not_the_grass_of_a_curse(text):
    assert harms(text) == set()


def test_what_only_sounds_like_a_phrase_is_likely():
    assert ("disclosure", "likely", "发到盆友圈") in found("发到盆友圈")


def test_a_phrase_over_the_end_of_a_sentence_is_not_certain():
    assert ("disclosure", "likely", "发到。朋友圈") in found("已发到。朋友圈见")
    assert ("disclosure", "certain", "发。到。朋。友。圈") in found("发。到。朋。友。圈")


def test_letters_within_a_longer_word_are_no_phrase():
    assert harms("We value the skill you have and the diploma of your idiotype lab") == set()
    assert harms("Repay. Mei will call.") == set()


@pytest.mark.parametrize(
    "text",
    [
        "我们不会联系您的家人",
        "谨防冒充法院传票的诈骗短信",
        "请勿转账到个人账户",
        "We never ask you to pay into my personal account",
        "Please do not take out a new loan",
    ],
)
def test_a_word_before_may_turn_a_phrase_into_its_opposite(text):
    assert harms(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "不要逼我联系你父母",
        "不会还钱，联系你父母",
        "不会 联系你父母",
        "If you don't pay, we call your mother",
        "don't make me call your mother",
        "请勿，杀你全家",
        "我们不会杀你全家",  # no word makes a threat its opposite
    ],
)
def test_and_may_not_where_it_is_of_another_clause_or_of_a_threat(text):
    assert harms(text)


@pytest.mark.parametrize(
    ("text", "harm"),
    [
        ("今晚就给你妈打个电话", "relatives"),
        ("给你 妈 打·电·话", "relatives"),
        ("打电hua给你同事", "disclosure"),
        ("让你老婆晚上睡不着", "threat"),
        ("把钱汇到我老婆的卡", "private_account"),
        ("we will tell all of your coworkers", "disclosure"),
    ],
)
def test_a_word_of_each_kind_makes_a_frame_whatever_words_they_are(text, harm):
    assert harm in harms(text)


@pytest.mark.parametrize(
    "text",
    [
        "给您打个电话。你妈妈好吗",  # two sentences
        "打给我，或者发一封电子邮件到我们公司的公开信箱，你妈妈也可以看",  # too far apart
        "我们不会打给你妈妈",
        "打给我们，不会告诉你妈妈",  # turned into its opposite between the words
        "您说派出所的人找你做笔录",  # told of, not said
    ],
)
def test_words_that_are_parted_or_negated_make_no_frame(text):
    assert harms(text) & {"relatives", "posing"} == set()


def test_a_hanzi_taken_apart_is_read():
    assert "insult" in harms("你这个贝戋人")
    assert "relatives" in harms("今晚打给你女马")


def test_card_fraud_is_false_of_any_debt_but_a_cards():
    assert harms("这属于恶意透支", product="paylater") == {"false_claim"}
    assert harms("这属于恶意透支", product="") == {"false_claim"}
    assert harms("这属于恶意透支", product="card") == set()


def test_the_debt_may_be_named_to_who_owes_and_to_nobody_else():
    text = "请转告林先生，他的还款逾期了"
    assert harms(text) == set()
    assert harms(text, third_party=True) == {"disclosure"}
    assert harms("请转告林先生，方便时回电 400-000-0000", third_party=True) == set()


@pytest.mark.parametrize("harm", [h.value for h in Harm])
def test_every_category_finds_most_of_what_nobody_wrote_a_phrase_for(harm):
    kept_aside = [text for name, text in ABUSIVE[1::2] if name == harm]
    hurt = SCREEN.screened(kept_aside, Told())
    assert sum(map(bool, hurt)) >= len(kept_aside) * 0.5


def test_four_of_five_abusive_messages_kept_aside_do_not_leave():
    hurt = SCREEN.screened([text for _, text in ABUSIVE[1::2]], Told())
    assert sum(bool(SCREEN.blocking(hits)) for hits in hurt) >= len(hurt) * 0.8


def test_polite_messages_pass():
    assert len(POLITE) >= 200
    assert len(ABUSIVE) >= 200
    calm = SCREEN.screened(POLITE, Told())
    assert sum(bool(SCREEN.blocking(hits)) for hits in calm) <= 2
    assert sum(map(bool, calm)) <= 4


def test_the_second_set_kept_aside_is_found_as_the_card_says():
    rows = [r.split("\t") for r in (HERE / "aside_abusive.tsv").read_text("utf-8").splitlines()]
    calm = [r.split("\t")[1] for r in (HERE / "aside_polite.tsv").read_text("utf-8").splitlines()]
    hurt = SCREEN.screened([text for _, _, text in rows], Told())
    assert sum(bool(SCREEN.blocking(hits)) for hits in hurt) >= len(rows) * 0.7
    for harm in Harm:
        own = [h for h, row in zip(hurt, rows, strict=True) if row[0] == harm.value]
        assert len(own) >= 60
        assert sum(any(hit.harm is harm for hit in hits) for hits in own) >= len(own) * 0.55
    found = SCREEN.screened(calm, Told())
    assert sum(bool(SCREEN.blocking(hits)) for hits in found) <= len(calm) * 0.06


def test_every_shipped_message_passes():
    messages = parse_messages(fetch_pack_texts())
    sample = {"name": "林晓文", "due": "¥ 1.00", "today": "2026年11月20日", "accounts": "先享后付"}
    for (_, language, _), text in messages.texts.items():
        words = {**messages.sender.words[language], **sample}
        assert SCREEN.blocking(SCREEN.hits(plain(filled_in(text, words)), Told())) == ()


@given(st.lists(st.sampled_from(POLITE[:30] + [t for _, t in ABUSIVE[:30]]), max_size=8))
def test_many_at_once_say_what_each_says_alone(texts):
    assert SCREEN.screened(texts, Told()) == [SCREEN.hits(text, Told()) for text in texts]


@given(st.text(max_size=60))
def test_any_text_at_all_is_screened_and_every_hit_lies_within_it(text):
    for hit in SCREEN.hits(text, Told(third_party=True)):
        assert 0 <= hit.start < hit.end <= len(text)


@given(st.data())
def test_what_is_put_between_the_characters_hides_nothing(data):
    phrase = data.draw(st.sampled_from(["杀你全家", "断子绝孙", "发到朋友圈", "转到我账户"]))
    between = st.sampled_from(["", " ", "*", "·", "\u200b", "🙂", "～"])
    text = "".join(char + data.draw(between) for char in phrase)
    assert any(h.sure is Sure.certain for h in SCREEN.hits(text, Told()))


def test_the_weights_alone_are_only_likely_and_name_their_sentence():
    text = "早上好。你活着就是浪费社会的粮食，烂人一个"
    said = [h for h in SCREEN.hits(text, Told()) if h.by is By.weights]
    assert all(h.sure is Sure.likely and text[h.start : h.end] in text for h in said)


def test_afterwards_every_category_found_is_a_flag():
    assert flags(SCREEN.hits("杀你全家，你这穷鬼", Told())) == (Harm.threat, Harm.insult)


def test_a_lenders_own_phrases_change_what_was_asked():
    import numpy as np

    from forbear.screening.screen import Screen

    other = Screen(parse_phrases(TEXTS), fetch_weights(), digest="another")
    assert other.digest != SCREEN.digest
    assert np.any(fetch_weights().table)


@pytest.mark.parametrize(
    ("path", "change", "complaint"),
    [
        ("threat", {"category": "insult"}, "category of its name"),
        ("threat", {"colour": "red"}, "no others"),
        ("threat", {"groups": []}, "must be a list"),
        ("threat", {"groups": [{"phrases": ["。"]}]}, "too short"),
        ("threat", {"groups": [{"phrases": ["a b"], "often": 1}]}, "and no more"),
        ("threat", {"groups": [{"phrases": ["{kin}"]}]}, "needs two parts"),
        ("threat", {"groups": [{"phrases": ["{kin}…{elf}"]}]}, "no kind of words"),
        ("threat", {"groups": [{"phrases": ["ab"], "applies": {"audience": "all"}}]}, "audience"),
    ],
)
def test_a_broken_file_is_refused_by_name(path, change, complaint):
    read = yaml.safe_load(TEXTS[f"{FOLDER}{path}.yaml"]) | change
    with pytest.raises(BadPhrasePack, match=complaint):
        parse_phrases(TEXTS | {f"{FOLDER}{path}.yaml": yaml.safe_dump(read, allow_unicode=True)})


def test_a_category_without_a_file_is_refused():
    with pytest.raises(BadPhrasePack, match="no file for threat"):
        parse_phrases({p: t for p, t in TEXTS.items() if "threat" not in p})
    with pytest.raises(BadPhrasePack, match=NEGATION):
        parse_phrases({p: t for p, t in TEXTS.items() if p != NEGATION})


def test_weights_that_are_not_those_of_their_card_are_refused():
    with pytest.raises(BadWeights, match="not those of their card"):
        parse_weights(fetch_weights().table, {"digest": "0"}, "1")


def test_rude_public_comments_are_found_as_the_card_says(shared_data):
    import csv

    with (shared_data / "cold" / "dev.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))[:1500]
    hurt = SCREEN.screened([row["TEXT"] for row in rows], Told())
    said = [any(h.harm is Harm.insult for h in hits) for hits in hurt]
    right = sum(s and row["label"] == "1" for s, row in zip(said, rows, strict=True))
    assert right / sum(said) > 0.85
    assert right / sum(row["label"] == "1" for row in rows) > 0.65
