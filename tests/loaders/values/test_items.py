"""Items of a list cell: separators by what stands around them, numbers of lists, verbs."""

from __future__ import annotations

import pyarrow as pa
import pytest

from chainatlas.graph.columns.text import LIST_SEPARATOR
from chainatlas.loaders.values.items import (
    BODIES,
    CODES,
    INDUSTRIES,
    PRODUCTS,
    THINGS,
    WORDS,
    items,
    needs_reading,
    plainly_parted,
)
from chainatlas.loaders.values.marks import is_mark

KEPT = [
    "AC/DC电源模块",
    "TCP/IP网关",
    "TCP/IP",
    "C/C复合材料",
    "USB-C/Lightning线缆",
    "1,4-丁二醇",
    "1，4-丁二醇",
    "N,N-二甲基甲酰胺",
    "乙烯/醋酸乙烯共聚物",
    "2,6-二氨基甲苯",
    "2,2'-联吡啶",
    "1,3,5-三嗪",
    "O,O-二乙基硫代磷酸酯",
    "α,ω-二羟基聚硅氧烷",
    "1,000吨级货轮",
    "24V/48V电源",
    "高/中/低压开关柜",
    "O2/O3发生器",
    "PVC/PE管材",
    "PC/ABS",
    "钯/碳催化剂",
    "I/O模块",
    "锂电池隔膜（PE、PP）",
    "聚酯(PET/PBT)",
    "电解液（含添加剂，溶剂；锂盐）",
    "3.5mm耳机",
    "数控机床 5G模块",
    "Windows 11",
    "卡尔·蔡司镜头",
    "饱和聚酯",
    "不饱和树脂",
    "共和号机车",
    "中和剂",
    "石油和天然气开采设备",
    "埃及棉",
    "电池及其配件",
    "加工中心",
    "生产线",
    "检测设备",
    "服务器",
    "销售终端",
    "1.5mm钢板",
    "5.8GHz天线",
    "高等级公路沥青",
    "中等强度螺栓",
    "风/光储能系统",
    "LED/激光两用灯",
    "Foo Co., Ltd.",
]
CUT = {
    "MDI/TDI": ["MDI", "TDI"],
    "PET/PBT": ["PET", "PBT"],
    "电线/电缆": ["电线", "电缆"],
    "电线 / 电缆": ["电线", "电缆"],
    "硅碳负极|石墨负极": ["硅碳负极", "石墨负极"],
    "电芯，模组": ["电芯", "模组"],
    "电芯,模组": ["电芯", "模组"],
    "锂电池；电芯，模组": ["锂电池", "电芯", "模组"],
    "聚酯(PET/PBT)、尼龙": ["聚酯(PET/PBT)", "尼龙"],
    "风机 轴承": ["风机", "轴承"],
    "风机\u3000轴承": ["风机", "轴承"],
    "电池\n电机\r\n电控": ["电池", "电机", "电控"],
    "①电池；②电机": ["电池", "电机"],
    "①电池②电机": ["电池", "电机"],
    "1.电池 2.电机": ["电池", "电机"],
    "1.电池2.电机": ["电池", "电机"],
    "1、电池2、电机": ["电池", "电机"],
    "（1）电池（2）电机": ["电池", "电机"],
    "(1)电池；(2)电机": ["电池", "电机"],
    "（一）电池（二）电机": ["电池", "电机"],
    "一、电池；二、电机": ["电池", "电机"],
    "1)电池\n2)电机": ["电池", "电机"],
    "·电池·电机": ["电池", "电机"],
    "· 电池 · 电机": ["电池", "电机"],
    "•电池•电机": ["电池", "电机"],
    "- 电池\n- 电机": ["电池", "电机"],
    "● 电池 ● 电机": ["电池", "电机"],
    "电池、电机等": ["电池", "电机"],
    "电池等": ["电池"],
    "挖掘机、装载机等设备": ["挖掘机", "装载机"],
    "电池、电机等系列产品": ["电池", "电机"],
    "电机、电控和电池": ["电机", "电控", "电池"],
    "锂电池和铅酸电池": ["锂电池", "铅酸电池"],
    "轴承、齿轮及链条": ["轴承", "齿轮", "链条"],
    "电池；、电机": ["电池", "电机"],
    "1,4-丁二醇，MDI/TDI；N,N-二甲基甲酰胺": ["1,4-丁二醇", "MDI", "TDI", "N,N-二甲基甲酰胺"],
    "电池、无、电机": ["电池", "电机"],
    "电池、-": ["电池"],
    "Product A, Product B": ["Product A", "Product B"],
    "电池\x1f电机": ["电池", "电机"],
}
VERBS = {
    "锂电池、充电器的研发、生产、销售": ["锂电池", "充电器"],
    "锂电池、充电器的研发、生产和销售。": ["锂电池", "充电器"],
    "研发、生产、销售锂电池、充电器": ["锂电池", "充电器"],
    "生产锂电池": ["锂电池"],
    "锂电池研发生产销售": ["锂电池"],
    "锂电池的生产与销售": ["锂电池"],
    "主要从事锂电池、充电器的研发、生产及销售": ["锂电池", "充电器"],
    "主要产品：电池、电机等": ["电池", "电机"],
    "主营产品有电池、电机": ["电池", "电机"],
    "锂电池、生产、销售": ["锂电池"],
    "生产": [],
    "研发、生产": [],
    "销售": [],
    "货物进出口": [],
    "锂电池、货物进出口、技术进出口": ["锂电池"],
    "锂电池；化工产品销售": ["锂电池"],
    "销售化工产品": [],
    "锂电池、技术服务": ["锂电池"],
    "锂电池生产、加工；电机制造": ["锂电池", "电机制造"],
    "电池及其配件的研发、生产": ["电池及其配件"],
    "锂电池（含电芯、模组）、充电器（快充）的研发、生产和销售": ["锂电池（含电芯、模组）", "充电器（快充）"],
    "加工中心": ["加工中心"],
    "生产线": ["生产线"],
    "检测设备": ["检测设备"],
    "服务器、销售终端": ["服务器", "销售终端"],
    "AC/DC电源模块的研发、生产": ["AC/DC电源模块"],
    "电池，其他": ["电池"],
    "充电器的研发": ["充电器"],
}


@pytest.mark.parametrize("text", KEPT)
def test_a_name_is_never_cut(text: str) -> None:
    assert items(text, THINGS).found == (text,)
    assert items(text, PRODUCTS).found == (text,)


@pytest.mark.parametrize(("text", "found"), CUT.items())
def test_a_list_is_cut(text: str, found: list[str]) -> None:
    assert list(items(text, THINGS).found) == found
    assert list(items(text, PRODUCTS).found) == found


@pytest.mark.parametrize(("text", "found"), VERBS.items())
def test_what_is_done_with_products_is_no_product(text: str, found: list[str]) -> None:
    assert list(items(text, PRODUCTS).found) == found


def test_what_is_left_out_is_told() -> None:
    assert items("锂电池、充电器的研发、生产、销售", PRODUCTS).left == ("研发、生产、销售",)
    assert items("锂电池、货物进出口", PRODUCTS).left == ("货物进出口",)
    assert items("销售化工产品", PRODUCTS).left == ("销售", "化工产品")
    assert items("电池、无", THINGS).left == ("无",)


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("示例甲有限公司，示例乙有限公司", BODIES, ["示例甲有限公司", "示例乙有限公司"]),
        ("示例甲有限公司 示例乙大学", BODIES, ["示例甲有限公司", "示例乙大学"]),
        ("山东 示例有限公司", BODIES, ["山东 示例有限公司"]),
        ("Foo Co., Ltd., Bar Inc.", BODIES, ["Foo Co., Ltd.", "Bar Inc."]),
        ("示例甲有限公司、示例乙有限公司等5家企业", BODIES, ["示例甲有限公司", "示例乙有限公司"]),
        ("某政发〔2024〕1号/一", CODES, ["某政发〔2024〕1号/一"]),
        ("ZL1/2、ZL3", CODES, ["ZL1/2", "ZL3"]),
        ("酒、饮料和精制茶制造业", INDUSTRIES, ["酒、饮料和精制茶制造业"]),
        ("农、林、牧、渔业", INDUSTRIES, ["农、林、牧、渔业"]),
        ("计算机、通信和其他电子设备制造业", INDUSTRIES, ["计算机、通信和其他电子设备制造业"]),
        ("汽车制造业、通用设备制造业", INDUSTRIES, ["汽车制造业", "通用设备制造业"]),
        ("新能源、新材料", INDUSTRIES, ["新能源", "新材料"]),
        ("专精特新 小巨人", WORDS, ["专精特新", "小巨人"]),
        ("高新技术企业，瞪羚", WORDS, ["高新技术企业", "瞪羚"]),
        ("研发、生产", WORDS, ["研发", "生产"]),
    ],
)
def test_what_the_list_holds_decides(text: str, kind: str, found: list[str]) -> None:
    assert list(items(text, kind).found) == found


@pytest.mark.parametrize("kind", [WORDS, THINGS, PRODUCTS, BODIES, CODES, INDUSTRIES])
def test_cells_that_are_not_looked_at_one_by_one_are_read_alike(kind: str) -> None:
    every = [*KEPT, *CUT, *VERBS, "电池", "示例甲有限公司", "锂电池"]
    parted = plainly_parted(pa.array(every)).to_pylist()
    looked = needs_reading(pa.array(every), kind)
    assert not looked[-3]
    for text, look, parts in zip(every, looked, parted, strict=True):
        if not look:
            found = [part for part in (parts or "").split(LIST_SEPARATOR) if part and not is_mark(part)]
            assert list(items(text, kind).found) == found, text
