"""Wordings: text with variables and nothing else; values are put in once and lose what nobody sees."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.notification_errors import TemplateRefused, VariableMissing
from engagement.notifications.rendering import Rendered, html_of, render, shortened, wording_check


def test_values_take_the_place_of_variables() -> None:
    words = render(
        subject="{{performer}} is  live",
        body="{{ title }}\n\nNow.",
        variables={"performer": "Ann", "title": "Run"},
    )
    assert words == Rendered("Ann is live", "Run\n\nNow.")


def test_a_value_that_looks_like_a_variable_stays_what_it_is() -> None:
    words = render(subject="{{ a }}", body="{{ b }}", variables={"a": "{{ b }}", "b": "{% x %}"})
    assert words == Rendered("{{ b }}", "{% x %}")


def test_a_value_brings_no_second_line_into_a_subject_and_nothing_unseen_anywhere() -> None:
    words = render(
        subject="Hi {{ a }}",
        body="{{ a }}",
        variables={"a": "x\r\nBcc: eve@example.com\u202e\u200b\u0000"},
    )
    assert words.subject == "Hi x Bcc: eve@example.com"
    assert not {"\r", "\u202e", "\u200b", "\u0000"} & set(words.subject + words.body)


def test_what_is_missing_is_named() -> None:
    with pytest.raises(VariableMissing, match=r"There is no value for: b, c\."):
        render(subject="{{ a }}", body="{{ c }} {{ b }}", variables={"a": 1})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{{ shoe }}", r"There is no variable shoe here\. Known are: performer, title\."),
        ("{{ performer.password }}", "nothing but"),
        ("{{ performer|safe }}", "nothing but"),
        ("{{ performer() }}", "nothing but"),
        ("{% include 'x' %}", "nothing but"),
        ("{# note #}", "nothing but"),
        ("${performer}", "nothing but"),
        ("{{ performer", "nothing but"),
        ("performer }}", "nothing but"),
        ("{{ {{ performer }} }}", "nothing but"),
        ("<script>alert(1)</script>", "plain text"),
        ("<img src=x onerror=alert(1)>", "plain text"),
        ("</p>", "plain text"),
        ("<!-- -->", "plain text"),
        ("JavaScript:alert(1)", "plain text"),
        ("data:text/html,x", "plain text"),
        ("   ", "a subject and a body"),
    ],
)
def test_anything_but_text_and_known_variables_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(TemplateRefused, match=sentence):
        wording_check(subject="Hello", body=text, known=("performer", "title"))


def test_html_is_escaped_whatever_a_value_holds() -> None:
    words = render(subject="s", body="{{ a }}", variables={"a": "<script>alert('x')</script> & \"q\""})
    html = html_of(words, link='https://versbottomlex.me/?a="><b>', footer=("<i>",))
    assert "<script" not in html
    assert "<b>" not in html
    assert "<i>" not in html
    assert "&lt;script&gt;" in html


@given(st.text(max_size=300), st.text(max_size=300))
def test_whatever_the_values_are_a_subject_is_one_line(subject: str, body: str) -> None:
    words = render(subject="{{ a }}", body="{{ b }}", variables={"a": subject, "b": body})
    assert len(words.subject.splitlines()) <= 1
    assert len(words.subject) <= 400


@given(st.text(max_size=50), st.integers(min_value=1, max_value=60))
def test_what_is_shortened_fits(text: str, most: int) -> None:
    assert len(shortened(text, most)) <= most
