class _CookieCacheManager:
    _Cookie_cache: object

class _TzCacheManager:
    _tz_cache: object
