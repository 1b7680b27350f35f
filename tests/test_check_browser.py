"""The HTML page in a real browser: on a phone, on paper, in the dark, and with hostile names."""

import pytest
from browser import POLICY
from test_check_faces import IDS, hostile, mixed, report, result

from gold_standard.check.faces import badge, page

pytestmark = pytest.mark.slow

ATTACK = (
    "<script>document.title='caught'</script><img src=x onerror=\"document.title='caught'\">"
    "'\"><svg onload=document.title='caught'>"
)


def pages():
    wide = report(example=True)  # the longest words in every column
    wide["results"][5] = result("heil.deterministic", "unknown")
    long = report(path="a" * 300 + "/" + "研究" * 50, pieces=30)
    for one in long["results"]:
        one["why"] = "x" * 300
    return {
        "mixed": page.text(mixed()),
        "hostile": page.text(hostile()),
        "long": page.text(long),
        "several": page.text([mixed(), report(), wide, hostile(), long]),
        "none": page.text([]),
    }


@pytest.mark.parametrize("name", pages())
def test_a_page_needs_no_scrolling_sideways_on_a_phone(measure, name):
    for measured in measure(pages()[name], (320, 360, 1200)):
        assert measured["width"] == measured["asked"]
        assert (measured["outside"], measured["hidden"], measured["small"]) == (0, 0, 0)


def test_a_page_follows_the_systems_choice_of_dark(measure):
    light = measure(page.text(mixed()), (360,))
    dark = measure(page.text(mixed()), (360,), "--force-dark-mode")
    assert [one["ground"] for one in light + dark] == ["rgb(255, 255, 255)", "rgb(22, 24, 27)"]


def test_a_hostile_name_runs_nothing(browse):
    for content in (page.text(hostile(ATTACK)), page.text([hostile(ATTACK)])):
        # The escaping alone must do: the policy that forbids scripts is taken out.
        bare = POLICY.sub("", content)
        assert bare != content and ATTACK not in bare
        assert "<title>caught</title>" not in browse(bare, "--dump-dom")


def test_the_attack_would_be_seen(browse):
    """Without escaping, or with the policy in place: the two controls of the test above."""
    content = page.text(report()).replace("</main>", f"{ATTACK}</main>")
    assert "<title>caught</title>" in browse(POLICY.sub("", content), "--dump-dom")
    assert "<title>caught</title>" not in browse(content, "--dump-dom")


def test_paper_holds_all_that_the_page_holds(printed):
    one = report("fail", pieces=200)
    for number, judged in enumerate(one["results"]):
        judged["why"] = f"Reason{number}begins {'and goes on ' * 20}Reason{number}ends."
    shown = printed(page.text(one))
    assert [id for id in IDS if id not in shown] == []
    ends = [f"Reason{number}{end}" for number in range(15) for end in ("begins", "ends")]
    assert [end for end in ends if end not in shown] == []
    assert shown.count("and190more") == 15


def test_paper_holds_every_repository(printed):
    reports = [mixed() | {"path": f"study-{number}"} for number in range(5)]
    shown = printed(page.text(reports))
    for number in range(5):
        assert shown.count(f"study-{number}") == 2
    assert "Allrepositories" not in shown


@pytest.mark.parametrize("standard", ["heil", "midl"])
def test_the_text_of_a_badge_stays_in_it(browse, standard):
    script = """<script>
    const over = [...document.querySelectorAll("text")].map(x => {
      const box = x.getBBox(), svg = x.ownerSVGElement;
      return box.x < 0 || box.x + box.width > svg.width.baseVal.value; });
    document.title = JSON.stringify(over);
    </script>"""
    dom = browse(badge.svg(mixed(), standard) + script, "--dump-dom")
    assert "[false,false]" in dom
