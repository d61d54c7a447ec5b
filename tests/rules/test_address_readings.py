"""In how many ways the letters of an address can be read."""

from __future__ import annotations

import pytest

from core.rules.address_readings import Readings, domain_readings, local_readings


@pytest.mark.parametrize("local", ["bob", "боб", "jörg", "张三", "是", "홍길동"])
def test_a_name_of_one_script_is_read_once(local: str):
    assert local_readings(local) == Readings(True, (local,))


@pytest.mark.parametrize(
    ("local", "first"),
    [
        ("b\u043eb", "bob"),  # one letter of another script among those of ASCII
        ("ıbob", "ibob"),
        ("b\u043eбx", "boбx"),
        ("b\u043eb张", "bob张"),
        ("我是张三", "张三"),
        ("邮箱张三", "张三"),
        ("邮箱是张三", "张三"),
        ("是张", "张"),
    ],
)
def test_what_may_be_meant_comes_before_what_stands_there(local: str, first: str):
    assert local_readings(local) == Readings(False, (first, local))


def test_a_name_of_two_scripts_may_be_cut_anywhere():
    assert local_readings("张三bob") == Readings(False, ("张三bob",))


@pytest.mark.parametrize(
    "domain",
    ["example.com", "example.com.cn", "example.com.tha", "example.COM.Tha", "example.de.Thanks", "com.Thanks", "example",
     "c", "пример.рф", "bücher.example", "例子.中国", "例子.한국", "x.中国.com"],
)  # fmt: skip
def test_a_domain_that_is_read_once(domain: str):
    assert domain_readings(domain) == Readings(True, (domain,))


@pytest.mark.parametrize(
    ("domain", "first"),
    [
        ("example.com.Thanks", "example.com"),  # a full stop without its space
        ("example.com.thanks", "example.com"),
        ("example.com.Tha", "example.com"),
        ("Example.com.Tha", "Example.com"),
        ("ex\u0430mple.com", "example.com"),
        ("üx.р\u0444", "üx.pф"),
        ("例子.中国谢谢", "例子.中国"),
        ("a.中文网络", "a.中文网"),
        ("a.中国公司", "a.中国"),
        ("例子.한국어", "例子.한국"),
        ("a.例子.中国谢谢", "a.例子.中国"),
    ],
)
def test_where_a_domain_may_end_earlier(domain: str, first: str):
    assert domain_readings(domain) == Readings(False, (first, domain))


@pytest.mark.parametrize("domain", ["example.c", "例子.谢谢", "例子x.中国", "例子.x中国", "bücher.xü"])
def test_a_domain_that_nobody_can_read(domain: str):
    assert domain_readings(domain) == Readings(False, (domain,))
