"""Invent names, identity numbers and contact data that belong to nobody. Pure: draws are passed in.

What looks like a number of a real person could one day be dialled. So every number here is one
that its numbering plan cannot give out:

- phones are +86 10 0ddd dddd, and when those run out +86 20 0ddd dddd and so on. Area code 10 is
  Beijing, where a subscriber's number starts with 2 to 8: a leading 0 is the trunk prefix, so no
  exchange can assign or reach such a number. Unlike a mobile number of an unused range, it can not
  be given out later without a new numbering plan; and it does not start like an emergency number;
- e-mail is at example.invalid, which RFC 2606 keeps from ever being a domain;
- identity numbers start with 99, which is no province in GB/T 2260;
- addresses are in 示例区, a district that no city has.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from forbear.kernel.columns import Bools, Longs


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


MAIL_DOMAIN = "example.invalid"
AREA_CODES = ("10", "20", "21", "22", "23", "24", "25", "27", "28", "29")  # eight-digit numbers
SERIALS_PER_AREA = 10_000_000
IDENTIFIER_PREFIX = "990000"

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
RARE_SURNAMES = ("欧阳", "上官", "司徒", "尉迟", "夏侯", "诸葛", "仝", "亓", "逄", "昝", "隗", "麴")
FIRST_CHARACTERS = (
    "志建文国海晓雨思子浩明嘉雪春秋丽玉秀俊佳欣梓一宇"
    "天博立永振家世少德成美静若诗书慧云月金新伟卫小冬兰"
)
SECOND_CHARACTERS = (
    "强华军平芳娟敏杰涛明超霞鹏飞红梅玲燕婷雪琳辉斌洋"
    "勇艳琴波宁峰磊鑫凯妍彤轩然涵怡萱豪晨阳瑶宸泽航悦"
)
UYGHUR_NAMES = _words(
    "阿依古丽 古丽娜尔 艾力 买买提 阿迪力 热依拉 帕提古丽 吐尔逊 努尔兰 "
    "玛依拉 库尔班 阿曼古丽 艾山 祖丽皮亚 塔依尔 米日古丽 依明 哈丽旦"
)
# Characters of GB 18030 that many fonts and old encodings lack; the last three lie beyond the BMP.
RARE_GIVEN = ("䶮", "㛃", "垚喆", "燊堃", "昇烎", "𬎆", "𫖯", "𬀩")
CITIES = _words(
    "北京市 上海市 广东省广州市 广东省深圳市 四川省成都市 重庆市 浙江省杭州市 "
    "湖北省武汉市 陕西省西安市 江苏省苏州市 河南省郑州市 湖南省长沙市 山东省青岛市 辽宁省沈阳市 "
    "福建省厦门市 安徽省合肥市 云南省昆明市 黑龙江省哈尔滨市 江西省南昌市 贵州省贵阳市"
)
URUMQI = "新疆维吾尔自治区乌鲁木齐市"
ROADS = _words("拟春路 虚云街 假山巷 样本大道 无名路 示范街 如梦路 试验东街")


def full_names(rng: np.random.Generator, uyghur: Bools) -> pl.Series:
    """Return an invented name for each person, n = len(uyghur).

    Shape:  uyghur (n,), people whose name is written given·father's; result (n,) text.
    Errors: none.
    Source: none; common characters combined at random, so a match with anybody is chance.
    """
    n = len(uyghur)
    weights = 1 / np.arange(2, len(SURNAMES) + 2)
    surname = rng.choice(np.array(list(SURNAMES)), n, p=weights / weights.sum())
    rare = rng.random(n) < 0.01
    surname = np.where(rare, rng.choice(np.array(RARE_SURNAMES), n), surname)
    first = rng.choice(np.array(list(FIRST_CHARACTERS)), n)
    second = rng.choice(np.array(list(SECOND_CHARACTERS)), n)
    given = np.where(rng.random(n) < 0.14, "", first) + second.astype("<U4")
    given = np.where(rng.random(n) < 0.004, rng.choice(np.array(RARE_GIVEN), n), given)
    own = rng.choice(np.array(UYGHUR_NAMES), n)
    father = rng.choice(np.array(UYGHUR_NAMES), n)
    dotted = np.char.add(np.char.add(own, "·"), father)
    return pl.Series(np.where(uyghur, dotted, np.char.add(surname, given)), dtype=pl.String)


def phone_numbers(serials: Longs) -> pl.Series:
    """Return a phone number for each serial 0..99,999,999: one serial, one number.

    Shape:  (n,) in and out.
    Errors: IndexError where a serial is too large.
    Source: the numbering plan of Chinese telecommunications; see the top of this module.
    """
    area, within = np.divmod(serials, SERIALS_PER_AREA)
    return pl.DataFrame({"area": np.array(AREA_CODES)[area], "within": within}).select(
        pl.concat_str(
            pl.lit("+86"), "area", pl.lit("0"), pl.col("within").cast(pl.String).str.zfill(7)
        ).alias("phone")
    )["phone"]


def identity_numbers(born: pl.Series, serials: Longs) -> pl.Series:
    """Return an 18-character identity number of a province that does not exist.

    Shape:  born (n,) dates, serials (n,); the last four characters are the serial, not a check.
    Errors: none.
    Source: GB 11643 for the shape, GB/T 2260 for what is not there.
    """
    tail = pl.Series(serials % 10_000).cast(pl.String).str.zfill(4)
    return pl.select(pl.lit(IDENTIFIER_PREFIX) + born.dt.strftime("%Y%m%d") + tail).to_series()


def addresses(rng: np.random.Generator, in_urumqi: Bools) -> pl.Series:
    """Return a postal address in a district that no city has, n = len(in_urumqi).

    Shape:  (n,) in and out.
    Errors: none.
    Source: none.
    """
    n = len(in_urumqi)
    city = np.where(in_urumqi, URUMQI, rng.choice(np.array(CITIES), n))
    road = rng.choice(np.array(ROADS), n)
    return pl.DataFrame(
        {
            "city": city,
            "road": road,
            "house": rng.integers(1, 400, n),
            "flat": rng.integers(101, 2804, n),
        }
    ).select(pl.format("{}示例区{}{}号{}室", "city", "road", "house", "flat"))["city"]
