# Pipes all pages, which curl fetches, into one jq. Prints the number of records, then the times of the shell and of its children.
set -euo pipefail
page="$OUT.page"
fetched="$OUT.count"

pages() {
  local rows=0 cursor='' more=()
  while ((rows < RECORDS)); do
    if [[ -n $cursor ]]; then more=(--data-urlencode "searchRequestId=$cursor"); fi
    curl --silent --fail --get "$ADDRESS" ${more[@]+"${more[@]}"} --output "$page" \
      --header "Authorization: Bearer $TOKEN" --header 'X-Optimize-Client-Timezone: UTC'
    cat "$page"
    head=$(head --bytes=8192 "$page" | tr --delete '\0')
    [[ $head =~ \"searchRequestId\":\"([^\"]+)\" ]] && cursor=${BASH_REMATCH[1]}
    [[ $head =~ \"numberOfRecordsInResponse\":([0-9]+) ]] && rows=$((rows + BASH_REMATCH[1]))
  done
  echo "$rows" >"$fetched"
}

printf '%s\n' "$HEADER" >"$OUT"
pages | jq --raw-output "$PROGRAM" >>"$OUT"
cat "$fetched"
times
rm "$page" "$fetched"
