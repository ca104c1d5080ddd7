"""Usage: what was typed wrongly, in a sentence of the asked language, with what is written instead."""

from __future__ import annotations

from collections.abc import Sequence

import click

from ..questions import Question, questions


def explained(bad: click.UsageError, words: Sequence[str]) -> str:
    """Return the message of a wrong use: what is wrong, how it is written, an example."""
    from ..graph.schema.leaving import redacted
    from ..graph.schema.short import clipped
    from ..graph.schema.words import message

    if bad.ctx is not None and type(bad).__name__ == "NoArgsIsHelpError":  # known by name since click 8.2
        return bad.ctx.get_help()
    lang = _language(words)
    entry = _entry(bad.ctx)
    lines = [redacted(_sentence(bad, entry, lang), *(w for w in words if "@" in w and ":" in w))]
    if bad.ctx is not None:
        usage = " ".join([bad.ctx.command_path, *bad.ctx.command.collect_usage_pieces(bad.ctx)])
        lines.append(message("usage", lang, usage=usage))
        example = entry.example if entry else "chainatlas demo"
        lines.append(message("usage_example", lang, example=example, command=bad.ctx.command_path))
    return "\n".join(clipped(line.replace("\n", "\\u{a}")) for line in lines)


def _language(words: Sequence[str]) -> str:
    """Return the language that was typed, though the rest could not be read."""
    from ..graph.schema.words import default_language

    for at, word in enumerate(words):
        asked = words[at + 1] if word == "--lang" and at + 1 < len(words) else word.removeprefix("--lang=")
        if word.startswith("--lang") and asked in ("zh", "en"):
            return asked
    return default_language()


def _entry(context: click.Context | None) -> Question | None:
    path = [] if context is None else context.command_path.split()[1:]
    table = questions()
    entry = None
    for name in path:
        entry = table.get(name)
        table = dict(entry.commands) if entry else {}
    return entry


def _sentence(bad: click.UsageError, entry: Question | None, lang: str) -> str:
    from ..graph.schema.words import message

    was = {} if entry is None else entry.was
    if isinstance(bad, click.NoSuchOption):
        if bad.option_name in was:
            return message("usage_was", lang, old=bad.option_name, new=was[bad.option_name])
        flags = [] if entry is None else [f for o in entry.options if not o.hidden for f in o.flags]
        return message("usage_option", lang, name=bad.option_name, near=_near(bad.option_name, flags))
    if isinstance(bad, click.MissingParameter):
        named = bad.param.human_readable_name if bad.param else ""
        option = next((o for o in entry.options if bad.param and o.name == bad.param.name), None) if entry else None
        if option is None:
            return message("usage_missing", lang, name=named, help=named)
        name = option.flags[-1] if option.flags else option.metavar
        return message("usage_missing", lang, name=name, help=option.zh if lang == "zh" else option.en)
    if isinstance(bad, click.BadParameter):
        named = " / ".join(bad.param.opts) if isinstance(bad.param, click.Option) else (
            bad.param.human_readable_name if bad.param else "")  # fmt: skip
        asked = next((o for o in entry.options if bad.param and o.name == bad.param.name), None) if entry else None
        if asked is not None and asked.kind in ("integer", "number"):
            least = "" if asked.least is None else message("usage_least", lang, n=f"{asked.least:g}")
            typed = bad.message.strip("'").split("' ")[0].split(" is ")[0]
            return message("usage_number", lang, name=named, value=typed, least=least)
        return message("usage_value", lang, name=named, reason=bad.message.rstrip("."))
    return _other(bad, lang)


def _other(bad: click.UsageError, lang: str) -> str:
    from ..graph.schema.words import message

    context = bad.ctx
    words = [] if context is None else [*context.args, *getattr(context, "_protected_args", [])]
    if isinstance(context, click.Context) and isinstance(context.command, click.Group):
        typed = bad.message.split("'")[1] if bad.message.count("'") >= 2 else " ".join(words)
        return message("usage_command", lang, name=typed, near=_near(typed, context.command.list_commands(context)))
    if "extra" in bad.message:
        return message("usage_extra", lang, words=bad.message.split("(")[-1].rstrip(")"))
    return message("usage_other", lang, reason=bad.message.rstrip("."))


def _near(typed: str, known: Sequence[str]) -> str:
    from rapidfuzz import process

    return "、".join(name for name, *_ in process.extract(typed, known, limit=3)) or "—"
