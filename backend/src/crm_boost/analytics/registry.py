"""Every metric, once: what it is called, the sentence that defines it, which answer it is read from, and what opens when
a mark of it is clicked (spec 5.3, 5.4). The web app says the sentences in the language of the reader, by slug.
"""

from dataclasses import dataclass

_CHARTS = "/analytics"
_BEHIND = "/analytics/drill-down"


@dataclass(frozen=True, slots=True)
class Metric:
    """One chart. `chart` and `drill_downs` are addresses of the API; a chart without drill-downs links on by itself."""

    slug: str
    sentence: str
    chart: str
    part: str
    """The member of the answer that holds the marks."""
    drill_downs: tuple[str, ...] = ()


def _metric(slug: str, sentence: str, chart: str, part: str, *behind: str) -> Metric:
    return Metric(slug, sentence, f"{_CHARTS}/{chart}", part, tuple(f"{_BEHIND}/{name}" for name in behind))


_METRICS = (
    _metric(
        "staff-ndp-rdp-daily",
        "New (NDP) and returning (RDP) customers with an approved deposit, by staff and day.",
        "staff-ndp-rdp-daily",
        "chart_data",
        "date-deposits",
    ),
    _metric(
        "staff-conversion-funnel",
        "Of the records handed out in the period: checked on WhatsApp, answered yes after that, deposited since.",
        "staff-conversion-funnel",
        "funnel_data",
        "response-time",
    ),
    _metric(
        "revenue-heatmap",
        "Approved deposits and their turnover, by staff and day of the week.",
        "revenue-heatmap",
        "grid",
        "weekday-deposits",
    ),
    _metric(
        "deposit-lifecycle",
        "Calendar days from a yes given in the period to the customer's first deposit on or after it.",
        "deposit-lifecycle",
        "lifecycle_data",
        "lifecycle",
    ),
    _metric(
        "response-time-by-staff",
        "Hours from the hand-out to the first WhatsApp check and to a yes, of records handed out in the period.",
        "response-time-by-staff",
        "response_time_data",
        "response-time",
    ),
    _metric(
        "followup-effectiveness",
        "Of the records handed out in the period, those checked, reached, answered yes, and deposited since.",
        "followup-effectiveness",
        "effectiveness_data",
        "followup-detail",
    ),
    _metric(
        "product-performance",
        "Approved deposits of new and of returning customers and their amounts, by product.",
        "product-performance",
        "product_data",
        "product-staff",
    ),
    _metric(
        "customer-value-comparison",
        "What new customers brought against what returning customers brought, by staff.",
        "customer-value-comparison",
        "staff_data",
        "staff-customers",
    ),
    _metric(
        "deposit-trends",
        "Turnover, approved deposits and different customers, by day, week or month.",
        "deposit-trends",
        "chart_data",
        "date-deposits",
    ),
    _metric(
        "staff-compare",
        "Two to six staff side by side: what they were handed, what they did with it, and how well.",
        "staff-performance",
        "staff_metrics",
        "work-done",
    ),
    _metric(
        "staff-comparison",
        "Records handed out, checked and answered in the period, by staff.",
        "staff-performance",
        "staff_metrics",
        "work-done",
    ),
    _metric(
        "daily-activity",
        "Checks and answers by the day on which they were set, whenever the record had been handed out.",
        "staff-performance",
        "daily_chart",
        "work-done",
    ),
    _metric(
        "whatsapp-mix",
        "WhatsApp checks of the period by result: reachable, one tick, not on WhatsApp.",
        "staff-performance",
        "summary",
        "work-done",
    ),
    _metric(
        "response-rate",
        "Of the answers of the period, the share that said yes.",
        "staff-performance",
        "summary",
        "work-done",
    ),
    _metric("omset-trend", "Turnover of approved deposits by day.", "business", "omset_chart", "date-deposits"),
    _metric(
        "omset-by-product", "Turnover of approved deposits by product.", "business", "product_omset", "product-staff"
    ),
    _metric(
        "ndp-vs-rdp",
        "New customers (NDP) against returning customers (RDP) by day.",
        "business",
        "omset_chart",
        "date-deposits",
    ),
    _metric(
        "database-utilisation",
        "Of all records of a database, the share that is in somebody's hands now.",
        "business",
        "database_utilization",
    ),
)

METRICS: dict[str, Metric] = {metric.slug: metric for metric in _METRICS}
"""Every metric by its slug, in the order in which they are shown first."""
