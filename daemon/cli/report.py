"""The report of a fault of ours: what ran, where it broke, in a file that can be passed on; secrets are masked."""

from __future__ import annotations

import platform
import shlex
import sys
import tempfile
import traceback
from pathlib import Path

from daemon.log import masked_text
from daemon.version import product_version
from rules.problems import Language


def write_report(arguments: list[str], error: BaseException, language: Language) -> str:
    """Write the report and return the sentences that tell the person where it is."""
    command = masked_text(shlex.join(["mingdeng", *arguments]))
    text = "\n".join(
        [
            f"mingdeng {product_version()}",
            f"python {sys.version}",
            f"system {platform.platform()}",
            f"command {command}",
            "",
            masked_text("".join(traceback.format_exception(error))),
        ]
    )
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", prefix="mingdeng-report-", suffix=".txt", delete=False
    ) as file:
        file.write(text)
    path = Path(file.name)
    if language == "zh":
        return (
            f"明灯 {product_version()} 内部故障（不是您的操作问题）：{type(error).__name__}\n"
            f"命令：{command}\n报告已写入 {path}，请把它交给维护人员。"
        )
    return (
        f"mingdeng {product_version()} has a fault (not yours): {type(error).__name__}\n"
        f"command: {command}\nA report is in {path}; please pass it on to whoever maintains Mingdeng."
    )
