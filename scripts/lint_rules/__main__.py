"""`python -m scripts.lint_rules`: prints every broken house rule; exits 1 when there is one."""

import sys
from pathlib import Path

from scripts.lint_rules.rules import RULES, check_package


def main() -> int:
    """Check the package of this repository."""
    package = Path(__file__).resolve().parents[2] / "backend" / "src" / "crm_boost"
    findings = check_package(package)
    for finding in findings:
        print(f"backend/src/crm_boost/{finding}")
    if not findings:
        print(f"{len(RULES)} house rules hold.")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
