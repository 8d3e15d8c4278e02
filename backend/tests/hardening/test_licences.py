"""Everything that is installed may be used; a package with another licence does not get in unnoticed."""

import pytest

from scripts import licences

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("expression", "fine"),
    [
        ("MIT", True),
        ("Apache-2.0 OR GPL-3.0-only", True),
        ("(MIT AND BSD-3-Clause)", True),
        ("Mozilla Public License 2.0 (MPL 2.0)", True),
        ("LGPL-3.0-only", True),
        ("MPL-2.0 AND (Apache-2.0 OR GPL-2.0-only)", True),
        ("(MIT OR GPL-2.0-only) AND GPL-3.0-only", False),
        ("GPL-3.0-only", False),
        ("AGPL-3.0-or-later", False),
        ("MIT AND GPL-2.0-only", False),
        ("BUSL-1.1", False),
        ("Other/Proprietary License", False),
        ("", False),
    ],
)
def test_licences_are_told_apart(expression: str, fine: bool) -> None:
    assert licences.is_fine(expression) is fine


def test_every_package_of_the_server_may_be_used() -> None:
    assert list(licences.python_faults()) == []
    assert licences.of_python("fastapi")


def test_every_package_of_the_web_app_may_be_used() -> None:
    assert list(licences.web_faults()) == []
