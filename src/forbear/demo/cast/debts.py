"""People whose debt is awkward: disputed, just paid, paid twice, settled, on a statement."""

from __future__ import annotations

from forbear.demo.cast.awkward import Awkward, no, yes
from forbear.kernel.vocabulary import Channel

SMS = Channel.sms

DEBTS = (
    Awkward(
        slug="stolen-identity",
        edge=18,
        zh="称被冒名借款，对全部债务提出异议：答复之前全部停止。",
        en="Somebody borrowed in their name, they say, and dispute it all: everything stops.",
        tell=lambda s: s.owes(30).owes(18, creditor="bank").disputes(),
        asks=(no("house.dispute"), no("house.dispute", channel=SMS)),
        night="refused",
        night_blocked_by=("house.dispute",),
    ),
    Awkward(
        slug="one-of-two-disputed",
        edge=18,
        zh="两笔债中的一笔有异议：只可就另一笔联系，异议部分不得提及。",
        en="Disputes one of two debts: contact is about the other alone.",
        tell=lambda s: (
            s.owes(30, amount_minor=500_00)
            .owes(18, amount_minor=120_00, creditor="bank")
            .disputes(account=1)
        ),
        asks=(yes(due_minor=120_00),),
        night="contact",
    ),
    Awkward(
        slug="only-debt-disputed",
        edge=18,
        zh="退货未入账，对唯一的账户提出异议：停止催收。",
        en="Returned the goods and disputes the only account: collection waits.",
        tell=lambda s: s.owes(12).disputes(account=1, day=-3),
        asks=(no("house.dispute"),),
        night="refused",
        night_blocked_by=("house.dispute",),
    ),
    Awkward(
        slug="dispute-answered",
        edge=18,
        zh="异议已于昨天答复：可以继续联系。",
        en="The dispute was answered yesterday: contact may resume.",
        tell=lambda s: (
            s.owes(30).disputes(account=1, day=-15).disputes(account=1, day=-1, stage="resolved")
        ),
        asks=(yes(),),
        night="contact",
    ),
    Awkward(
        slug="payment-on-its-way",
        edge=19,
        zh="昨天已付款，银行尚未入账：入账之前不联系。",
        en="Paid yesterday and the bank has not booked it: no contact until it has.",
        tell=lambda s: s.owes(12).pays(268_00, day=-1, stage="initiated"),
        asks=(no("house.payment_in_flight"), no("house.payment_in_flight", channel=SMS)),
        night="refused",
        night_blocked_by=("house.payment_in_flight",),
    ),
    Awkward(
        slug="payment-stuck",
        edge=19,
        zh="九天前的付款一直没有结果：在途保护只有三天。",
        en="A payment nine days ago never came: what is on its way protects for three days.",
        tell=lambda s: s.owes(20).pays(268_00, day=-9, stage="initiated"),
        asks=(yes(due_minor=268_00),),
        night="contact",
    ),
    Awkward(
        slug="payment-failed",
        edge=19,
        zh="今天的扣款失败：钱没有到，也不在途。",
        en="Today's debit failed: nothing came and nothing is on its way.",
        tell=lambda s: (
            s.owes(20).pays(268_00, day=0, stage="initiated").pays(268_00, day=0, stage="failed")
        ),
        asks=(yes(due_minor=268_00),),
        night="contact",
    ),
    Awkward(
        slug="debit-returned",
        edge=19,
        zh="扣款成功后被银行冲回：欠款依旧。",
        en="A debit settled and was taken back by the bank: the debt is what it was.",
        tell=lambda s: s.owes(20).pays(268_00, day=-10).pays(268_00, day=-7, stage="reversed"),
        asks=(yes(due_minor=268_00),),
        night="contact",
    ),
    Awkward(
        slug="paid-this-morning",
        edge=19,
        zh="今天早上刚还清：下午一个字都不能再提。",
        en="Paid everything this morning: not a word more this afternoon.",
        tell=lambda s: s.owes(20).pays(268_00, day=0),
        asks=(no("house.nothing_due", clock="14:00"),),
        night="nothing",
    ),
    Awkward(
        slug="backdated-payment",
        edge=19,
        zh="五天前已还款，昨天才到账，其间我们还打过电话：按付款日计，现在没有欠款。",
        en="Paid five days ago, booked only now, and we called in between: by the day of payment "
        "nothing is due.",
        tell=lambda s: s.owes(8).called("10:00", code="talked", day=-2).pays(268_00, day=-5),
        asks=(no("house.nothing_due"),),
        night="nothing",
    ),
    Awkward(
        slug="duplicate-payment",
        edge=19,
        zh="同一笔半数还款被来源系统推送了两次：只入账一次，另一半仍欠。",
        en="A payment of half was sent to us twice: it counts once, and half is still due.",
        tell=lambda s: s.owes(14, amount_minor=300_00).pays(150_00, day=-2, times=2),
        asks=(yes(due_minor=150_00),),
        night="contact",
    ),
    Awkward(
        slug="paid-twice",
        edge=19,
        zh="重复还了两次：没有欠款，多付的留作下期。",
        en="Paid twice: nothing is due, the rest is for the next due date.",
        tell=lambda s: s.owes(14).pays(268_00, day=-1, name="1").pays(268_00, day=-1, name="2"),
        asks=(no("house.nothing_due"),),
        night="nothing",
    ),
    Awkward(
        slug="goods-returned",
        edge=0,
        zh="退货退款抵清了到期款项：不得再催。",
        en="Returned goods made up for what was due: nothing to collect.",
        tell=lambda s: s.owes(14).refunded(268_00, day=-1),
        asks=(no("house.nothing_due"),),
        night="nothing",
    ),
    Awkward(
        slug="settled",
        edge=0,
        zh="账户已协商结清，账上还挂着旧的一期：结清的债永远不得再催。",
        en="Settled for less, while an old due still stands on the books: a settled debt is never "
        "collected.",
        tell=lambda s: s.owes(100).status("settled", account=1, day=-5),
        asks=(no("house.nothing_due"),),
        night="nothing",
    ),
    Awkward(
        slug="not-due-yet",
        edge=0,
        zh="下一期后天才到期：现在没有任何到期款项。",
        en="The next due date is the day after tomorrow: nothing is due now.",
        tell=lambda s: s.owes(-2),
        asks=(no("house.nothing_due"),),
        night="nothing",
    ),
    Awkward(
        slug="due-today",
        edge=0,
        zh="今天到期：逾期天数为零，明天才算第一天。",
        en="Due today: zero days past due, one from tomorrow.",
        tell=lambda s: s.owes(0),
        asks=(yes(due_minor=268_00),),
        night="wait",
    ),
    Awkward(
        slug="first-payment-default",
        edge=0,
        zh="第一期就没有还：首逾。",
        en="Missed the very first due date.",
        tell=lambda s: s.owes(17, paid=0),
        asks=(yes(due_minor=268_00),),
        night="contact",
    ),
    Awkward(
        slug="promise-open",
        edge=0,
        zh="昨天承诺四天后还款：到期之前，夜间不作安排，先等待。",
        en="Promised yesterday to pay in four days: until then the night waits.",
        tell=lambda s: (
            s.owes(12).called("10:00", code="promised", day=-1).promised(268_00, due=4, day=-1)
        ),
        asks=(yes(),),
        night="wait",
    ),
    Awkward(
        slug="promise-broken",
        edge=0,
        zh="承诺三天前还款，没有还。",
        en="Promised to pay three days ago and did not.",
        tell=lambda s: (
            s.owes(21).called("10:00", code="promised", day=-8).promised(268_00, due=-3, day=-8)
        ),
        asks=(yes(),),
        night="contact",
    ),
    Awkward(
        slug="promise-kept",
        edge=0,
        zh="承诺前天还一期，按时还了；之前的一期仍欠。",
        en="Promised one installment for the day before yesterday and paid it; one more is due.",
        tell=lambda s: (
            s.owes(40)
            .called("10:00", code="promised", day=-8)
            .promised(268_00, due=-2, day=-8)
            .pays(268_00, day=-2)
        ),
        asks=(yes(due_minor=268_00),),
        night="contact",
    ),
    Awkward(
        slug="statement-card",
        edge=0,
        zh="账单型账户：最新账单取代以前的账单，账单日之后的还款才冲抵。",
        en="A statement account: the latest statement replaces earlier ones; only what was paid "
        "after it lowers it.",
        tell=lambda s: s.bills(10, 900_00, 1_200_00, 1_500_00).pays(400_00, day=-5),
        asks=(yes(due_minor=1_100_00),),
        night="contact",
    ),
    Awkward(
        slug="credit-balance",
        edge=0,
        zh="最新账单是负数（多还了）：没有欠款。",
        en="The latest statement is negative (paid too much): nothing is due.",
        tell=lambda s: s.bills(10, 900_00, -120_00),
        asks=(no("house.nothing_due"),),
        night="nothing",
    ),
    Awkward(
        slug="reported-late",
        edge=0,
        zh="来源系统只报告“逾期两个月”，不说欠的是哪一期。",
        en="The source says only 'two months late', not which due is unpaid.",
        tell=lambda s: s.bills(10, 900_00, 1_700_00, 2_600_00, paid=0).reported(2, day=-5),
        asks=(yes(due_minor=2_600_00),),
        night="contact",
    ),
    Awkward(
        slug="rare-name",
        edge=0,
        zh="姓名含生僻字（GB 18030 四字节）：存取、检索、打印都不能丢字。",
        en="A name with characters beyond the common set: stored, found and printed without loss.",
        tell=lambda s: s.who(name="麴𬎆䶮").owes(11),
        asks=(yes(),),
        night="contact",
    ),
    Awkward(
        slug="emoji-nickname",
        edge=0,
        zh="姓名一栏是带表情的昵称。",
        en="The name on file is a nickname with an emoji.",
        tell=lambda s: s.who(name="爱吃鱼的小王🐟👩🏽‍🍳").owes(11),
        asks=(yes(),),
        night="contact",
    ),
)
