/* What somebody writes who knows libcurl: one handle, one connection, one POST after the other.
 *
 *     libcurl_loop URL COUNT BODY
 */
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

static size_t ignore(char *bytes, size_t size, size_t count, void *context) { return size * count; }

int main(int argc, char **argv) {
    if (argc != 4) return 64;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    curl_easy_setopt(curl, CURLOPT_URL, argv[1]);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, argv[3]);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)strlen(argv[3]));
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore);
    for (long n = atol(argv[2]); n > 0; n--)
        if (curl_easy_perform(curl) != CURLE_OK) return 1;
    curl_easy_cleanup(curl);
    curl_global_cleanup();
    return 0;
}
