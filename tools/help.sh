#!/bin/sh
# Print the targets of the Makefiles given, with the text after `##`; in colour on a terminal only.
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    colour=$(printf '\033[36m') plain=$(printf '\033[0m')
else
    colour='' plain=''
fi
echo "usage: make TARGET"
echo
awk -v colour="$colour" -v plain="$plain" '
    /^[a-z-]+:.*## / {
        target = $1
        sub(/:.*/, "", target)
        text = $0
        sub(/.*## /, "", text)
        printf "  %s%-13s%s %s\n", colour, target, plain, text
    }' "$@"
