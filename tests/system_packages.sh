#!/bin/sh
# What the tests need beside Python: Redis and Chromium. Installs them where that is possible,
# else says exactly what to type.
set -eu
missing=""
command -v redis-server >/dev/null 2>&1 || missing="$missing redis-server"
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
fc-list :lang=zh 2>/dev/null | grep -q . || missing="$missing fonts-noto-cjk"
command -v fc-list >/dev/null 2>&1 || missing="$missing fontconfig"
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "安装测试要用的系统软件：$missing"
  apt-get update -qq
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
  echo "测试还需要：$missing" >&2
  echo "请运行： sudo apt-get update && sudo apt-get install -y$missing" >&2
  exit 1
fi
