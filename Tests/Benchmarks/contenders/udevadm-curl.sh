#!/usr/bin/env bash
# What one writes with the tools at hand: tells every URL given when a phone with ADB comes or goes.
#   udevadm-curl.sh URL...
LC_ALL=C
declare -A serials models # by devpath: at a removal the kernel does not say who it was

post() { # ACTIVITY DESCRIPTION DEVPATH
    local url body time now=$EPOCHREALTIME id=0
    TZ=UTC printf -v time '%(%Y-%m-%dT%H:%M:%S)T.%sZ' "${now%.*}" "${now:11:3}"
    for url in "${urls[@]}"; do
        id=$((id + 1))
        printf -v body '{"creationTime":"%s","eventType":"DEVICE","eventActivity":"%s","eventDescription":"%s","deviceUdid":"%s","deviceName":"%s","orgId":2,"webhookId":%d,"webhookName":"%s"}' \
            "$time" "$1" "$2" "${serials[$3]}" "${models[$3]}" "$id" "${url##*/}"
        curl -sS -o /dev/null --max-time 5 -X POST -H 'Content-Type: application/json; charset=utf-8' -d "$body" "$url"
    done
}

urls=("$@")
# UDEVADM: the benchmark runs it under umockdev, and nothing else.
${UDEVADM:-udevadm} monitor --udev --subsystem-match=usb/usb_device --property |
    while IFS='=' read -r key value; do
        case $key in
            ACTION) action=$value ;;
            DEVPATH) devpath=$value serial='' model='' interfaces='' ;;
            ID_SERIAL_SHORT) serial=$value ;;
            ID_MODEL) model=$value ;;
            ID_USB_INTERFACES) interfaces=$value ;;
            '') # the end of an event
                if [[ $action == add && $serial && $interfaces == *:ff4201:* ]]; then
                    serials[$devpath]=$serial models[$devpath]=$model
                    post device.status.online Online "$devpath"
                elif [[ $action == remove && ${serials[$devpath]} ]]; then
                    post device.state.unplugged Unplugged "$devpath"
                    unset "serials[$devpath]" "models[$devpath]"
                fi
                action=''
                ;;
        esac
    done
