"""Four short demonstrations of the Python API; without a key and without cost.

    python examples/demo_generation.py            asks which one
    python examples/demo_generation.py single     one clip, with its progress
    python examples/demo_generation.py multiple   three clips at the same time
    python examples/demo_generation.py errors     what failures look like, and how to tell them apart
    python examples/demo_generation.py all        one after the other

The clips come from the rehearsal engine, which draws moving sketches. With --real the key in
GEMINI_API_KEY is used instead: that costs money at Google, about $0.03 a second of video.
"""

# ruff: noqa: T201

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from veo_studio.core import (
    APIQuotaExceededError,
    GenerationError,
    GenerationFailedError,
    GenerationTimeoutError,
    TextToVideoGenerator,
    create_client,
    get_database,
)

SKETCH = {"aspect_ratio": "16:9", "duration": 2, "resolution": "480p", "seed": 42}
REAL = {"aspect_ratio": "16:9", "duration": 3, "resolution": "360p"}
PROMPTS = (
    "A paper boat drifts down a rainy street at dusk",
    "Two foxes play in fresh snow, slow camera",
    "A red kite over a harbour, seen from below",
)


class Demo:
    """One client and one database for all demonstrations."""

    def __init__(self, api_key: str | None) -> None:
        self.model = "gemini-omni-1.2-flash" if api_key else "veo-3.1"
        self.config: dict[str, Any] = REAL if api_key else SKETCH
        self.api_key = api_key

    @contextmanager
    def generator(self) -> Iterator[TextToVideoGenerator]:
        database = get_database()
        try:
            yield TextToVideoGenerator(create_client(self.api_key), database)
        finally:
            database.close()

    async def single(self) -> None:
        """One clip: the callback hears every step, the result names the file."""
        with self.generator() as generator:
            result = await generator.generate_video(
                PROMPTS[0], model=self.model, config=self.config, progress_callback=printer()
            )
        print_result(result)

    async def multiple(self) -> None:
        """Several at once: each call is its own generation."""
        with self.generator() as generator:
            results = await asyncio.gather(
                *(
                    generator.generate_video(
                        prompt,
                        model=self.model,
                        config=self.config,
                        progress_callback=printer(f"clip {number}: "),
                    )
                    for number, prompt in enumerate(PROMPTS, start=1)
                )
            )
        for result in results:
            print_result(result)

    async def errors(self) -> None:
        """Bad input is refused before anything is stored; failures come back in the result.

        Runs in a folder of its own, so that practised failures do not stay in the history.
        """
        with tempfile.TemporaryDirectory() as folder, environment(VEO_STUDIO_HOME=folder):
            with self.practising("") as generator:
                for prompt, changes in (("", {}), ("ab", {}), ("A kite", {"duration": 61})):
                    try:
                        await generator.generate_video(
                            prompt, model="veo-3.1", config={**SKETCH, **changes}
                        )
                    except ValueError as error:
                        print(f"  refused: {error}")
            for fault, seconds in (("quota", 60), ("fail", 60), ("never", 1)):
                with self.practising(fault) as generator:
                    generator.timeout = seconds
                    generator.max_retries = 0
                    result = await generator.generate_video(
                        PROMPTS[0], model="veo-3.1", config=SKETCH
                    )
                try:
                    raise_for(result)
                except APIQuotaExceededError as error:
                    print(f"  quota: {error}  -> wait, or choose another model")
                except GenerationTimeoutError as error:
                    print(f"  timeout: {error}  -> it is not lost")
                except GenerationFailedError as error:
                    print(f"  failed: {error}  -> change the prompt")
                except GenerationError as error:
                    print(f"  error: {error}")

    @contextmanager
    def practising(self, fault: str) -> Iterator[TextToVideoGenerator]:
        """A generator whose rehearsal engine makes the fault happen."""
        with environment(VEO_STUDIO_REHEARSAL_FAULT=fault):
            database = get_database()
            try:
                yield TextToVideoGenerator(create_client(None), database)
            finally:
                database.close()


def raise_for(result: Any) -> None:
    """The result's error as an exception, for callers that prefer those."""
    if result["status"] == "success":
        return
    classes: dict[str, type[GenerationError]] = {
        "quota_exceeded": APIQuotaExceededError,
        "timeout": GenerationTimeoutError,
        "generation_failed": GenerationFailedError,
    }
    raise classes.get(result["error_type"], GenerationError)(result["error"])


def printer(prefix: str = "") -> Callable[[int, str], Awaitable[None]]:
    """A progress callback that prints each step once."""

    async def on_progress(progress: int, status: str) -> None:
        print(f"  {prefix}{progress:3d} %  {status}", flush=True)

    return on_progress


def print_result(result: Any) -> None:
    if result["status"] == "success":
        print(f"  done in {result['duration']:.1f} s: {result['video_path']}")
    else:
        print(f"  {result['error_type']}: {result['error']} ({result['charge']})")


@contextmanager
def environment(**values: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def choose(modes: list[str]) -> str:
    """The menu; an empty answer or no keyboard means the first."""
    for number, mode in enumerate(modes, start=1):
        print(f"  {number}  {mode}")
    try:
        answer = input("Which one? [1] ").strip()
    except EOFError:
        answer = ""
    if answer in modes:
        return answer
    return modes[int(answer) - 1] if answer in ("1", "2", "3", "4") else modes[0]


async def run(mode: str, api_key: str | None) -> None:
    demo = Demo(api_key)
    steps = {"single": demo.single, "multiple": demo.multiple, "errors": demo.errors}
    for name, step in steps.items():
        if mode in (name, "all"):
            print(f"{name}: {(step.__doc__ or '').splitlines()[0]}")
            await step()


def main() -> int:
    modes = ["single", "multiple", "errors", "all"]
    parser = argparse.ArgumentParser(description="Demonstrations of the Veo Studio Python API.")
    parser.add_argument("mode", nargs="?", choices=modes)
    parser.add_argument("--real", action="store_true", help="use GEMINI_API_KEY; costs money")
    arguments = parser.parse_args()
    api_key = os.environ.get("GEMINI_API_KEY") if arguments.real else None
    if arguments.real and not api_key:
        parser.error("--real needs a key in GEMINI_API_KEY")
    try:
        asyncio.run(run(arguments.mode or choose(modes), api_key))
    except KeyboardInterrupt:
        return 130
    except GenerationError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
