"""kuaihui auto-reply: the switch at the server's console."""

from __future__ import annotations

from tests.integration.installations import LIFE, Server


def test_all_shops_or_one_are_stopped_and_go_on(ready: Server) -> None:
    call = ready.installation.call
    assert "正常 running" in call("auto-reply", "status").out
    try:
        assert call("auto-reply", "stop").status == 0
        assert "已停止 stopped since" in call("auto-reply", "status").out
    finally:
        assert call("auto-reply", "start").status == 0
    assert "正常 running" in call("auto-reply", "status").out
    before = call("auto-reply", "status", "--shop", LIFE).out.splitlines()[1]
    assert call("auto-reply", "start", "--shop", LIFE).status == 0
    try:
        assert "已打开 on" in call("auto-reply", "status", "--shop", LIFE).out
    finally:
        assert call("auto-reply", "stop", "--shop", LIFE).status == 0
    assert "已关闭 off" in call("auto-reply", "status", "--shop", LIFE).out
    if "已打开" in before:
        call("auto-reply", "start", "--shop", LIFE)
    call("auto-reply", "stop", "--shop", "nowhere").refused("nowhere")
