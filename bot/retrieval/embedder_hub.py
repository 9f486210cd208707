"""Asking the model hub once, before a download: a name that nobody has, or a hub out of reach, is said at once.

Without this a model that cannot be downloaded is retried file by file for more than a minute.
"""

from __future__ import annotations

from typing import Final

from bot.ports import EmbedderUnavailable

_SECONDS: Final = 10.0
_HOME: Final = "sentence-transformers"
"""Where sentence-transformers looks for a model whose name has no owner."""


def check_downloadable(name: str) -> None:
    """Return when the hub has a model of that name for us. Raises EmbedderUnavailable that says what to do."""
    from huggingface_hub import HfApi
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        HFValidationError,
        RepositoryNotFoundError,
    )

    hub = HfApi()
    for candidate in (name,) if "/" in name else (f"{_HOME}/{name}", name):
        try:
            hub.model_info(candidate, timeout=_SECONDS)
        except GatedRepoError:
            raise EmbedderUnavailable(_gated(name)) from None
        except (RepositoryNotFoundError, HFValidationError):
            continue
        except HfHubHTTPError as error:
            raise EmbedderUnavailable(_unreachable(name, hub.endpoint, str(error))) from error
        except Exception as error:  # whatever the hub's HTTP library raises: there is no common class
            raise EmbedderUnavailable(_unreachable(name, hub.endpoint, str(error))) from error
        return
    raise EmbedderUnavailable(
        f"模型库里没有名为 {name} 的模型：请检查 KUAIHUI_EMBEDDER 的拼写，或改为 bundled。 "
        f"the model hub has no model named {name}, or none that may be seen: check the spelling of KUAIHUI_EMBEDDER, or set "
        "it to 'bundled'"
    )


def _gated(name: str) -> str:
    return (
        f"模型 {name} 需先在模型库同意其条款并登录（hf auth login）。 "
        f"the model {name} is given only to those who accepted its terms and are logged in (hf auth login)"
    )


def _unreachable(name: str, endpoint: str, error: str) -> str:
    reason = error.strip().splitlines()[0] if error.strip() else "no answer"
    return (
        f"模型 {name} 不在本机，也无法下载（{endpoint} 连不上）：请在能联网的机器上运行 hf download {name} --local-dir 文件夹，"
        "拷贝过来并把 KUAIHUI_EMBEDDER 设为该文件夹；或设为 bundled 使用自带模型。 "
        f"the embedding model {name} is not on this machine and cannot be downloaded: {endpoint} does not answer ({reason}). "
        f"Run `hf download {name} --local-dir FOLDER` where there is a network, copy the folder here and set KUAIHUI_EMBEDDER "
        "to it; or set it to 'bundled'"
    )
