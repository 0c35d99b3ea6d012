"""Who works in the county and what they are asked for: units and the catalogue of items, as published."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

System: TypeAlias = Literal["housing", "licensing"]
"""Which departmental system an item is handled in."""


class Unit(NamedTuple):
    """A department (部门): code, letter of its officers' numbers, names, and the system it works with."""

    code: str
    letter: str
    zh: str
    en: str
    system: System


class Item(NamedTuple):
    """A service item (事项). Limits count ``measure``; ``review`` is the review step's working days."""

    code: str
    name: str
    unit: str
    promised: int
    statutory: int
    review: int = 2
    measure: Literal["workdays", "minutes"] = "workdays"
    instant: bool = False


UNITS = (
    Unit("housing", "H", "住房和城乡建设局", "Housing and Construction Bureau", "housing"),
    Unit("planning", "P", "自然资源和规划局", "Natural Resources and Planning Bureau", "housing"),
    Unit("urban", "U", "城市管理局", "Urban Management Bureau", "housing"),
    Unit("market", "M", "市场监督管理局", "Market Supervision Bureau", "licensing"),
    Unit("health", "W", "卫生健康局", "Health Bureau", "licensing"),
    Unit("police", "G", "公安局", "Public Security Bureau", "licensing"),
    Unit("labour", "R", "人力资源和社会保障局", "Human Resources and Social Security Bureau", "licensing"),
    Unit("agriculture", "N", "农业农村局", "Agriculture Bureau", "licensing"),
    Unit("education", "J", "教育和体育局", "Education and Sports Bureau", "licensing"),
    Unit("transport", "T", "交通运输局", "Transport Bureau", "licensing"),
)

ITEMS = (
    Item("ZJ001", "建筑工程施工许可证核发", "housing", 7, 15),
    Item("ZJ002", "商品房预售许可", "housing", 10, 20),
    Item("ZJ003", "建筑业企业资质审批", "housing", 20, 40),
    Item("ZJ004", "房屋权属信息查询", "housing", 10, 30, measure="minutes"),
    Item("ZR001", "建设用地规划许可证核发", "planning", 15, 20),
    Item("ZR002", "建设工程规划许可证核发", "planning", 20, 40),
    Item("ZR003", "不动产登记信息查询", "planning", 10, 30, measure="minutes"),
    Item("CG001", "城市建筑垃圾处置核准", "urban", 5, 20),
    Item("CG002", "设置大型户外广告审批", "urban", 10, 20),
    Item("SC001", "食品经营许可", "market", 10, 20),
    Item("SC002", "个体工商户设立登记", "market", 1, 15, instant=True),
    Item("SC003", "特种设备使用登记", "market", 20, 30),
    Item("SC004", "企业登记档案查询", "market", 10, 30, measure="minutes"),
    Item("WJ001", "医疗机构执业登记", "health", 20, 45),
    Item("WJ002", "公共场所卫生许可", "health", 7, 20),
    Item("GA001", "户口迁移", "police", 1, 15, instant=True),
    Item("GA002", "旅馆业特种行业许可", "police", 10, 20),
    Item("GA003", "无犯罪记录证明", "police", 10, 30, measure="minutes"),
    Item("RS001", "劳务派遣经营许可", "labour", 7, 20),
    Item("RS002", "社会保险参保登记", "labour", 1, 15, instant=True),
    Item("RS003", "人力资源服务许可", "labour", 10, 20),
    Item("NY001", "动物防疫条件合格证核发", "agriculture", 20, 30),
    Item("NY002", "农作物种子生产经营许可", "agriculture", 10, 20),
    Item("JY001", "民办学校办学许可", "education", 30, 60),
    Item("JY002", "教师资格认定", "education", 20, 30),
    Item("JT001", "道路货物运输经营许可", "transport", 7, 20),
    Item("JT002", "超限运输车辆行驶公路许可", "transport", 5, 20),
    Item("JT003", "从业资格证补发", "transport", 1, 15, instant=True),
)

UNIT = {unit.code: unit for unit in UNITS}
ITEM = {item.code: item for item in ITEMS}
MATTERS = ("噪声扰民", "占道经营", "危房鉴定", "校车线路", "医保补缴", "种子质量", "夜间施工", "门牌编号")


def system_of(item: Item) -> System:
    """Return the departmental system that handles an item."""
    return UNIT[item.unit].system


def limits(item: Item) -> dict[str, str]:
    """Return the published limits of an item, as the catalogue writes them."""
    found = {"promised": f"{item.promised} {item.measure}", "statutory": f"{item.statutory} {item.measure}"}
    if item.measure == "workdays" and not item.instant and system_of(item) == "licensing":
        found |= {"step.review": f"{item.review} workdays", "step.approve": "1 workday"}
    return found
