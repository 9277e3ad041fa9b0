"""How a group of settings is read: every refusal names the setting and never shows its value."""

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict


class BadSetting(SystemExit):
    """Stops the start. The text names the setting and never shows its value."""

    def __init__(self, name: str, reason: str):
        super().__init__(f"Loket does not start: setting {name} {reason}.")
        self.name, self.reason = name, reason


class Group(BaseSettings):
    """Settings named like its fields, in capitals. Empty is not set, but for what `refuses_empty` lists."""

    model_config = SettingsConfigDict(
        alias_generator=str.upper, validate_default=False, case_sensitive=True, enable_decoding=False,
        frozen=True, hide_input_in_errors=True, extra="forbid",
    )
    refuses_empty: ClassVar[tuple[str, ...]] = ()
    missing: ClassVar[str] = "is missing"

    @classmethod
    def settings_customise_sources(cls, settings_cls, init_settings, **_sources):
        return (init_settings,)  # `read` says what the environment is

    @classmethod
    def read(cls, environment: Mapping[str, str], **known: Any) -> Self:
        """`known` are fields, by their names in capitals, that are not for the environment to fill:
        MAIL, for one, is what many systems call the file of a user's letters. Raises BadSetting."""
        source = EnvSettingsSource(cls)
        source.env_vars = {
            name: text for name, text in environment.items()
            if name not in known and (text or name in cls.refuses_empty)
        }
        try:
            return cls(**{**source(), **known})
        except ValidationError as errors:
            first = errors.errors(include_input=False, include_url=False)[0]
        reason = {
            "value_error": lambda: str(first["ctx"]["error"]),
            "literal_error": lambda: "must be " + first["ctx"]["expected"].replace("'", ""),
            "missing": lambda: cls.missing,
            "extra_forbidden": lambda: "is not a setting of Loket",
        }.get(first["type"], lambda: "is not usable")
        raise BadSetting("_".join(map(str, first["loc"])), reason())


def must(be_right: Callable[[str], object], reason: str) -> BeforeValidator:
    """`reason` follows the name of the setting in the refusal. What is no text was read before."""
    def judge(value: Any) -> Any:
        if isinstance(value, str) and not be_right(value):
            raise ValueError(reason)
        return value

    return BeforeValidator(judge)


def refuse_first(findings: Iterable[tuple[object, str, str]]) -> None:
    """(whether it is wrong, setting, reason) of settings that must fit each other. Raises BadSetting."""
    for wrong, name, reason in findings:
        if wrong:
            raise BadSetting(name, reason)


def is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


WholeNumber = Annotated[int, must(is_number, "must be a whole number")]
