"""Templates are run by less than Jinja brings along (app/web/templating.py): what they write must be the same."""

import pytest
from markupsafe import Markup, escape

from app.web.templating import escaped


class Told:
    def __html__(self) -> str:
        return "<b>told</b>"


VALUES = ("plain", "Jl. Mawar 5, RT 02/RW 03", "<script>", "a & b", "it's", 'say "ya"', "", "é ☂", Markup("<b>x</b>"),
          Told(), 5, 2.5, None, True, ["<"])


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_value_is_written_as_jinja_would(app, value):
    assert escaped(value) == escape(value)
    template = app.jinja_env.from_string(
        "{{ value }}|{% macro m(x) %}<i>{{ x }}</i>{% endmacro %}{{ m(value) }}"
    )
    text = escape(value)
    assert template.render(value=value) == f"{text}|<i>{text}</i>"


def test_functions_that_want_the_context_still_get_it_and_loops_stay_inside(app):
    template = app.jinja_env.from_string(
        "{% macro row(n, tail='') %}{{ n }}{{ caller() if caller is defined }}{{ tail }}{% endmacro %}"
        "{% for n in [1, 2] %}{% set x = n * 2 %}{% call row(n, tail='.') %}({{ x }}){% endcall %}{{ loop.index }}"
        "{% endfor %}"
        "{{ dict(a=1).get('a') }}{{ range(3)|list|length }}{{ lipsum is defined }}{{ x is defined }}"
    )
    assert template.render() == "1(2).12(4).2" + "13TrueFalse"


def test_a_part_that_is_rendered_once_follows_the_city_and_knows_nobody(app, client):
    first, second = client.get("/").text, client.get("/lacak").text
    foot = first[first.index("<footer>"):first.index("</footer>")]
    assert "Butuh bantuan?" in foot and foot in second and "csrf_token" not in foot
