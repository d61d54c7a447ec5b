"""The domains of the large mail providers, and what looks like a slip of the finger on the way to one of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

KNOWN: Final = frozenset(
    # Those with hundreds of millions of mailboxes, and their countries' own.
    "gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com ymail.com icloud.com me.com mac.com "
    "aol.com proton.me protonmail.com pm.me gmx.com gmx.de gmx.net gmx.at gmx.ch web.de mail.com zoho.com fastmail.com "
    "hotmail.co.uk hotmail.fr hotmail.de hotmail.it hotmail.es outlook.de outlook.fr outlook.es outlook.it outlook.jp "
    "live.cn live.co.uk live.fr live.nl yahoo.com.cn yahoo.cn yahoo.co.uk yahoo.co.jp yahoo.co.in yahoo.fr yahoo.de "
    "yahoo.com.tw yahoo.com.hk yahoo.com.br yahoo.es yahoo.it yahoo.ca yahoo.in rocketmail.com "
    "qq.com vip.qq.com foxmail.com 163.com vip.163.com 126.com vip.126.com yeah.net 188.com 139.com 189.cn wo.cn "
    "sina.com sina.cn sina.com.cn vip.sina.com sohu.com tom.com 21cn.com 263.net aliyun.com alibaba-inc.com "
    "naver.com hanmail.net daum.net kakao.com nate.com docomo.ne.jp ezweb.ne.jp i.softbank.jp "
    "yandex.ru yandex.com ya.ru mail.ru inbox.ru list.ru bk.ru rambler.ru "
    "t-online.de freenet.de orange.fr wanadoo.fr free.fr laposte.net sfr.fr libero.it virgilio.it alice.it "
    "uol.com.br bol.com.br terra.com.br btinternet.com sky.com ntlworld.com virginmedia.com "
    "comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net rogers.com shaw.ca "
    "tutanota.com tuta.com hey.com duck.com".split()
)
OTHERS: Final = frozenset(
    # Real mail domains that are one slip away from a larger one: nobody with a mailbox there is asked.
    "q.com email.com gmail.de mail.de gmx.us gmx.fr gmx.es ymail.co live.ca live.de live.it live.se live.no live.be live.jp "
    "live.in hotmail.be hotmail.ca hotmail.se hotmail.nl hotmail.no hotmail.jp hotmail.ch hotmail.at hotmail.dk "
    "outlook.be outlook.in outlook.cl outlook.pt outlook.kr outlook.sg outlook.at outlook.dk outlook.ie outlook.co.id "
    "yahoo.at yahoo.be yahoo.ch yahoo.dk yahoo.gr yahoo.ie yahoo.nl yahoo.no yahoo.pl yahoo.pt yahoo.ro yahoo.se "
    "yahoo.co.id yahoo.co.kr yahoo.co.nz yahoo.co.th yahoo.co.za yahoo.com.ar yahoo.com.au yahoo.com.mx yahoo.com.my "
    "yahoo.com.ph yahoo.com.sg yahoo.com.tr yahoo.com.vn yandex.by yandex.kz yandex.ua aol.de aol.fr aol.it aol.co.uk "
    "sina.net 136.com 138.com 169.com 123.com 166.net sky.net free.com mac.me hotmail.gr hotmail.fi "
    "live.cl 163.net yahoo.fi yahoo.cz yahoo.com.co yahoo.co.il love.com "
    # … and companies whose people have their addresses there.
    "ms.com gm.com sk.com ao.com bol.com uol.com key.com mc.com hay.com tim.com box.net line.com lime.com life.com five.com "
    "hive.com main.com mall.com zoho.eu zoho.in hey.net ya.com qq.cn".split()
)
_LONGEST: Final = 64


def nearest_known(domain: str, more: Collection[str] = ()) -> str | None:
    """The known domain that `domain` (lower case, ASCII) is one slip away from; None if it is known or far from all.

    A slip is one character too many, too few or another one, or two neighbours exchanged. `more` are further known
    domains. Forgetting `.com` is a slip as well. Of names of one or two letters, such as qq.com, every other one is near: there only slips behind the dot,
    a missing dot and a repeated letter count.
    """
    known = KNOWN | set(more)
    if f"{domain}.com" in known and "." not in domain:
        return f"{domain}.com"
    if domain in known or domain in OTHERS or len(domain) > _LONGEST:
        return None
    near = [one for one in known if _is_slip(domain, one)]
    return min(near, key=lambda one: (len(one) != len(domain), one), default=None)


def _is_slip(written: str, known: str) -> bool:
    if not _one_apart(written, known):
        return False
    name = known.partition(".")[0]
    return len(name) > 2 or written.startswith(name) or written.lstrip(name[0]) == known.lstrip(name[0])


def _one_apart(one: str, other: str) -> bool:
    """Damerau's distance of two that differ is 1."""
    if abs(len(one) - len(other)) > 1:
        return False
    shorter, longer = sorted((one, other), key=len)
    start = next((i for i, (a, b) in enumerate(zip(shorter, longer, strict=False)) if a != b), len(shorter))
    if len(shorter) < len(longer):
        return shorter[start:] == longer[start + 1 :]
    if shorter[start + 1 :] == longer[start + 1 :]:
        return True
    swapped = shorter[start + 1 : start + 2] + shorter[start] + shorter[start + 2 :]
    return swapped == longer[start:]
