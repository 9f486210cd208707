"""The aiohttp application: API, pages and middlewares."""
