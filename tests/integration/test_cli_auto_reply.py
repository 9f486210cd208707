"""kuaihui auto-reply: the switch at the server's console."""

from __future__ import annotations

from tests.integration.installations import LIFE, Server


def test_all_shops_or_one_are_stopped_and_go_on(ready: Server) -> None:
    call = ready.installation.call
    assert call("auto-reply", "start", "--shop", LIFE).status == 0
    try:
        assert call("auto-reply", "stop").status == 0
        told = call("auto-reply", "status", "--shop", LIFE).out
        assert "已停止 stopped since" in told
        assert "已打开 on" in told
    finally:
        assert call("auto-reply", "start").status == 0
        assert call("auto-reply", "stop", "--shop", LIFE).status == 0
    told = call("auto-reply", "status", "--shop", LIFE).out
    assert "正常 running" in told
    assert "已关闭 off" in told
    call("auto-reply", "stop", "--shop", "nowhere").refused("nowhere")
