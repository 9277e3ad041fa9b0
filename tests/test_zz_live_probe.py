from tests.live import *
def test_x(browser_page, live_server):
    page = browser_page(360, 800)
    r = page.goto("/daftar")
    assert r.status == 200
    page.screenshot(path="/tmp/live1.png")
    page = browser_page(360, 800, javascript=False)
    page.goto("/daftar")
    print(page.evaluate("1+1"))
    from axe_playwright_python.sync_playwright import Axe
    import time; t=time.time()
    for j in (True, False):
        page = browser_page(360, 800, javascript=j)
        page.goto("/daftar")
        r = Axe().run(page)
        print(j, r.violations_count, time.time()-t)
        print(r.generate_report())
