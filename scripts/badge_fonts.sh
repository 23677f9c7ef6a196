#!/usr/bin/env bash
# usage: badge_fonts.sh
# Brings the fonts of badges into events/badges/noto, each checked against SHA256SUMS there. They are in the repository:
# this says where from, and serves to take newer ones (then write SHA256SUMS anew). Needs npm, apt-get and Python.
#
# Noto as Google Fonts publishes it, unchanged, from npm; Noto Sans CJK from Debian's fonts-noto-cjk, cut down to one
# glyph for each character, without the forms of other regions and of vertical text: 10 of its 19 MB.
set -euo pipefail
cd "$(dirname "$0")/../events/badges/noto"

FONTTOOLS=4.68.0
CJK="fonts-noto-cjk=1:20220127+repack1-1"
WITH_BOLD="
noto-sans@0.4.2 noto-sans-arabic@0.4.3 noto-sans-hebrew@0.4.1 noto-sans-armenian@0.4.2 noto-sans-georgian@0.4.3
noto-sans-ethiopic@0.4.2 noto-sans-devanagari@0.4.1 noto-sans-bengali@0.4.4 noto-sans-gujarati@0.4.2
noto-sans-gurmukhi@0.4.1 noto-sans-oriya@0.4.2 noto-sans-tamil@0.4.3 noto-sans-telugu@0.4.2 noto-sans-kannada@0.4.3
noto-sans-malayalam@0.4.2 noto-sans-sinhala@0.4.2 noto-sans-thai@0.4.2 noto-sans-lao@0.4.2 noto-sans-khmer@0.4.3
noto-sans-myanmar@0.4.2 noto-sans-thaana@0.4.2"
REGULAR="noto-serif-tibetan@0.4.2 noto-sans-mongolian@0.4.1 noto-sans-math@0.4.2 noto-sans-symbols@0.4.1 noto-emoji@0.4.7"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

take() {  # take PACKAGE WEIGHT…: its files, named as Noto names them
    local package=$1 weight font
    shift
    (cd "$work" && npm pack --silent "@expo-google-fonts/$package" >/dev/null && tar xzf ./*.tgz && rm ./*.tgz)
    for weight in "$@"; do
        for font in "$work/package/$weight"/*.ttf; do
            font=${font##*/}
            install -m 0644 "$work/package/$weight/$font" "${font%%_*}-${weight#?00}.ttf"
        done
    done
    rm -rf "$work/package"
}

for package in $WITH_BOLD; do take "$package" 400Regular 700Bold; done
for package in $REGULAR; do take "$package" 400Regular; done

(cd "$work" && apt-get download -q "$CJK" && dpkg -x ./*.deb .)
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check "fonttools==$FONTTOOLS"
"$work/venv/bin/pyftsubset" "$work/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc" --font-number=0 \
    --unicodes='*' --layout-features=ccmp,ljmo,vjmo,tjmo --no-hinting --desubroutinize --output-file=NotoSansCJK-Regular.otf

sha256sum --check --quiet SHA256SUMS
