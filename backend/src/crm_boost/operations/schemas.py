"""What browsers send about their errors."""

from pydantic import BaseModel, ConfigDict, Field


class BrowserErrorIn(BaseModel):
    """An error of the web app: what kind, where in the program, on which page. Not what was on the screen."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"kind": "TypeError", "message": "undefined is not a function", "page": "/_app/customers"}]
        },
    )

    kind: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_.]{0,79}$", description="The error's class, such as TypeError.")
    message: str = Field(max_length=500)
    stack: str = Field(default="", max_length=8000)
    page: str = Field(
        pattern=r"^/[A-Za-z0-9/_.$-]{0,159}$",
        description="The route's template, such as /_app/users; never the address.",
    )
