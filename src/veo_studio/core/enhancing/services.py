"""What is known about the text services before one of them is asked."""

from __future__ import annotations

from veo_studio.core.capabilities import ProviderInfo
from veo_studio.core.models import PollPacing

# Google's own default for text (providers: section 7), read 2026-11-20
GEMINI_MODEL = "gemini-3.8-flash"
# no service of clips, so it is not in the catalogue; keys and addresses are kept like those of one
OPENAI = ProviderInfo(
    id="openai",
    name="Chat server",
    needs_key=True,
    key_help=(
        "Give the address of a chat server in Settings > Enhancer (Ollama: http://localhost:11434/v1), "
        "or add an OpenAI key."
    ),
    pacing=PollPacing(first_s=0, interval_s=0, deadline_s=0, retention_h=0),
    concurrency=1,
    key_page="https://platform.openai.com/api-keys",
    usage_page="https://platform.openai.com/usage",
    base_url="https://api.openai.com/v1",
    can_cancel=False,
    cancel_help="An answer that is no longer waited for may be billed by the server.",
    about="OpenAI, or any server that speaks like it: Ollama, llama.cpp, LM Studio, vLLM.",
)
