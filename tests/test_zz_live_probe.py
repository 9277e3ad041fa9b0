from tests.live import *
def test_x(browser_page, live_server):
    import time; t=time.time()
    for j in (False, True):
        page = browser_page(360, 800, javascript=j)
        page.goto("/daftar")
        audit(page)
        print(j, time.time()-t)
    page.goto("/daftar")
    page.screenshot(path="/tmp/live1.png", full_page=True)
