"""In how many ways the letters of an address can be read: in one, unless scripts are mixed in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from core.rules.address_neighbours import is_together
from core.rules.look_alikes import in_latin

_GENERIC: Final = frozenset({"com", "net", "org", "edu", "gov", "cn", "info", "biz", "io"})
_CHINESE_ENDINGS: Final = frozenset(
    "中国 中國 公司 网络 網絡 网址 香港 台湾 台灣 在线 中文网 我爱你 商城 集团 移动 商标 信息 机构 组织机构 政务 公益 企业 网店 网站 "
    "新加坡 澳门 澳門 手机 餐厅 游戏 娱乐 健康 招聘 时尚 佛山 广东 通販 珠宝 慈善 联通 谷歌 みんな コム ストア クラウド "
    "한국 닷컴 닷넷".split()
)  # top-level domains in scripts that are written together, of the root zone
_SAYS: Final = re.compile(
    "^.*(?:邮箱|邮件|信箱|地址|账号|帐号|郵箱|郵件)?(?:是|为|為|：)(?=.)|^.*(?:邮箱|邮件|信箱|地址|账号)(?=.)"
)


@dataclass(frozen=True, slots=True)
class Readings:
    """The possible readings of a part of an address, the likeliest first; `certain` where there is only one."""

    certain: bool
    readings: tuple[str, ...]


def local_readings(local: str) -> Readings:
    """How the part before the at sign may be read."""
    if local.isascii():
        return Readings(True, (local,))
    latin = in_latin(local)
    if latin != local and (latin.isascii() or _has_ascii(local)):
        return Readings(False, tuple(dict.fromkeys((latin, local))))
    if not any(map(is_together, local)):
        return Readings(True, (local,))
    named = _SAYS.sub("", local)
    if named != local:
        return Readings(False, (named, local))
    return Readings(not _has_ascii(local), (local,))


def domain_readings(domain: str) -> Readings:
    """How the part behind the at sign may be read."""
    labels = domain.split(".")
    last = labels[-1]
    if domain.isascii():
        shorter = domain.rpartition(".")[0]
        known = len(labels) > 2 and labels[-2].casefold() in _GENERIC
        # A full stop without its space: `example.com.Thanks`.
        if known and (len(last) > 3 or (last[:1].isupper() and labels[-2].islower())):
            return Readings(False, (shorter, domain))
        return Readings(len(last) > 1 or len(labels) == 1, (domain,))
    latin = in_latin(domain)
    if latin != domain and (latin.isascii() or _has_ascii(domain)):
        return Readings(False, tuple(dict.fromkeys((latin, domain))))
    if any(_has_ascii(label) and any(map(is_together, label)) for label in labels):
        return Readings(False, (domain,))
    if not last.isascii() and _has_ascii(last):
        return Readings(False, (domain,))
    if any(map(is_together, last)) and last not in _CHINESE_ENDINGS:
        endings = sorted((one for one in _CHINESE_ENDINGS if last.startswith(one)), key=len, reverse=True)
        cut = [".".join([*labels[:-1], ending]) for ending in endings[:1]]
        return Readings(False, (*cut, domain))
    return Readings(True, (domain,))


def _has_ascii(text: str) -> bool:
    return any(char.isascii() and char.isalpha() for char in text)
