/* The least a reader on libauparse has to do: look at every field of every record of a log.
 *
 * In comes a log, out goes one line of JSON: events, records, fields, and the bytes of their names
 * and values, so that no compiler may leave a look away. It interprets nothing and knows nothing of
 * connections; with -i it has each field interpreted, as a program that wants names has to.
 *
 * Build: cc -O2 auparse.c -lauparse        (Debian: libauparse-dev)
 */
#include <auparse.h>
#include <stdio.h>
#include <string.h>

static size_t length(const char *text)
{
    return text ? strlen(text) : 0;
}

int main(int count, char **arguments)
{
    int interprets = count == 3 && strcmp(arguments[1], "-i") == 0;
    if (count != 2 + interprets) {
        fputs("usage: auparse [-i] LOG\n", stderr);
        return 2;
    }
    auparse_state_t *log = auparse_init(AUSOURCE_FILE, arguments[count - 1]);
    if (!log) {
        perror(arguments[count - 1]);
        return 1;
    }
    unsigned long long events = 0, records = 0, fields = 0, bytes = 0;
    while (auparse_next_event(log) > 0) {
        events++;
        auparse_first_record(log);
        do {
            records++;
            /* The cursor stands on the first field of the record. */
            do {
                fields++;
                bytes += length(auparse_get_field_name(log));
                bytes += length(interprets ? auparse_interpret_field(log)
                                           : auparse_get_field_str(log));
            } while (auparse_next_field(log) > 0);
        } while (auparse_next_record(log) > 0);
    }
    printf("{\"events\":%llu,\"records\":%llu,\"fields\":%llu,\"bytes\":%llu}\n",
           events, records, fields, bytes);
    auparse_destroy(log);
    return 0;
}
