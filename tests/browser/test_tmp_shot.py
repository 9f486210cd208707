from __future__ import annotations
import json
import pytest
from playwright.async_api import expect
from tests.browser.office import A, B
from tests.browser.sites import site
from tests.browser.test_sidebar import CONTEXT, connect, inbox, open_panel  # noqa
pytestmark = pytest.mark.browser_full
PAGE = """<!doctype html><html lang="zh"><meta charset="utf-8"><title>Chatwoot</title>
<style>body{margin:0;font:14px system-ui;display:grid;grid-template-columns:56px 260px 1fr;height:100vh;background:#fff;color:#1f2d3d}
nav{background:#f8fafc;border-right:1px solid #e5e7eb}aside{border-right:1px solid #e5e7eb;padding:12px}
main{display:grid;grid-template-rows:auto auto 1fr}header{padding:12px 16px;border-bottom:1px solid #e5e7eb;font-weight:600}
.tabs{display:flex;gap:20px;padding:0 16px;border-bottom:1px solid #e5e7eb}.tabs b{padding:10px 0;border-bottom:2px solid #1f93ff;color:#1f93ff}.tabs span{padding:10px 0}
iframe{border:0;width:100%;height:100%}.c{padding:10px;border-radius:8px;background:#eff6ff;margin-bottom:8px}</style>
<nav></nav><aside><div class=c><b>访客三</b><br>什么时候发货</div><div>访客四<br>在吗</div></aside>
<main><header>访客三 · #7</header><div class=tabs><span>消息</span><b>快回·云朵</b><span>快回·云上</span></div><iframe id="panel" allow="clipboard-write"></iframe></main>
<script>
  const panel = document.getElementById("panel"); window.context = CONTEXT;
  addEventListener("message", (event) => {
    if (event.source !== panel.contentWindow || event.data !== "chatwoot-dashboard-app:fetch-info") return;
    panel.contentWindow.postMessage(JSON.stringify({ event: "appContext", data: context }), "*"); });
  panel.src = new URLSearchParams(location.search).get("panel");
</script></html>"""


async def test_shot(open_panel, both, office):
    async with site({"/chatwoot": PAGE.replace("CONTEXT", json.dumps(CONTEXT))}) as origin:
        await office.policy(A, origins=[origin])
        await inbox(office, A, origin, 1, 5)
        await inbox(office, B, origin, 1, 6)
        panel = await open_panel(both, at=f"{origin}/chatwoot")
        await panel.page.set_viewport_size({"width": 1180, "height": 720})
        await panel.page.screenshot(path="/tmp/kh/I6/chatwoot/gate.png")
        look = "(i) => { Object.assign(context.conversation, { account_id: 1, inbox_id: i, id: i }); }"
        await panel.page.evaluate(look, 5)
        await connect(panel)
        await panel.answered("你们发什么快递\n什么时候发货")
        await panel.page.screenshot(path="/tmp/kh/I6/chatwoot/own.png")
        await panel.page.evaluate(look, 6)
        await expect(panel.inside.get_by_role("alert")).to_contain_text("云上小铺")
        await panel.page.screenshot(path="/tmp/kh/I6/chatwoot/other.png")
        for s in (A, B):
            await office.admin.must("DELETE", f"/shops/{s}/channels/panel")
