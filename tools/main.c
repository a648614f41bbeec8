/* SPDX-License-Identifier: BSD-2-Clause */
/* outgatectl [-c CONF] [--json] VERB ... */
#include "tools/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/base/conf.h"

#ifndef OG_VERSION
#define OG_VERSION "0.1"
#endif

const struct tool_verb *const tool_verbs[] = {
    /* clang-format off */
    &tool_verb_init,
    &tool_verb_add,
    &tool_verb_list,
    &tool_verb_show,
    &tool_verb_set,
    &tool_verb_unset,
    &tool_verb_delete,
    &tool_verb_passwd,
    &tool_verb_dkim_generate,
    &tool_verb_dkim_list,
    &tool_verb_dkim_delete,
    &tool_verb_usage,
    &tool_verb_grant,
    &tool_verb_lock,
    &tool_verb_unlock,
    &tool_verb_locks,
    &tool_verb_identities,
    &tool_verb_report_abuse,
    &tool_verb_quarantine_list,
    &tool_verb_quarantine_show,
    &tool_verb_quarantine_release,
    &tool_verb_quarantine_delete,
    &tool_verb_quarantine_expire,
    &tool_verb_notices,
    &tool_verb_template_check,
    &tool_verb_template_preview,
    &tool_verb_events,
    &tool_verb_explain,
    &tool_verb_report,
    &tool_verb_replay,
    &tool_verb_on_event,
    &tool_verb_scan, &tool_verb_fingerprint_deny, &tool_verb_fingerprint_allow, &tool_verb_fingerprint_list, &tool_verb_settings,
    &tool_verb_check_config,
    &tool_verb_doctor,
    &tool_verb_help,
    NULL,
    /* clang-format on */
};

static const char exit_codes[] =
    "Exit: 0 done, 1 the answer is no, 2 wrong use, 3 state or service not available.\n";

static void
print_verb(const struct tool_verb *verb)
{
    printf("outgatectl [-c CONF] [--json] %s%s%s\n\n%s\n%s", verb->name,
           verb->usage[0] != '\0' ? " " : "", verb->usage, verb->help, exit_codes);
}

static void
print_overview(void)
{
    printf("outgatectl [-c CONF] [--json] VERB ...\n\n"
           "  -c CONF    configuration; default: $OUTGATE_CONF, else %s\n"
           "  --json     print JSON\n"
           "  --help     also behind a verb\n"
           "  --version\n\n",
           og_conf_path());
    for (size_t i = 0; tool_verbs[i] != NULL; i++)
        printf("  %-18s %s\n", tool_verbs[i]->name, tool_verbs[i]->brief);
    printf("\n`outgatectl help VERB` tells more. Run as root it becomes the owner of the "
           "state first.\n%s",
           exit_codes);
}

/* how many words of the command line the verb's name is; 0: it is another verb */
static int
matches(const struct tool_verb *verb, int argc, char **argv)
{
    size_t first = strcspn(verb->name, " ");

    if (argc < 1 || strlen(argv[0]) != first || strncmp(verb->name, argv[0], first) != 0)
        return 0;
    if (verb->name[first] == '\0')
        return 1;
    return argc > 1 && strcmp(verb->name + first + 1, argv[1]) == 0 ? 2 : 0;
}

/* `dkim` is the first of two words of `dkim list` */
static bool
begins_with(const char *name, const char *word)
{
    size_t first = strcspn(name, " ");

    return name[first] != '\0' && strlen(word) == first
           && strncmp(name, word, first) == 0;
}

/* print the rows that begin with a word that needs a second one; false: none does */
static bool
print_group(FILE *f, const char *word)
{
    bool found = false;

    for (size_t i = 0; tool_verbs[i] != NULL; i++) {
        if (!begins_with(tool_verbs[i]->name, word))
            continue;
        found = true;
        fprintf(f, "  %s%s%s\n      %s\n", tool_verbs[i]->name,
                tool_verbs[i]->usage[0] != '\0' ? " " : "", tool_verbs[i]->usage,
                tool_verbs[i]->brief);
    }
    if (found)
        fprintf(f, "`outgatectl help %s WORD` tells more.\n", word);
    return found;
}

static int
unknown_verb(struct tool *tool)
{
    const char *words[64] = { NULL };
    const char *nearest;

    for (size_t i = 0; tool_verbs[i] != NULL && i + 1 < N_ELEMENTS(words); i++)
        words[i] = tool_verbs[i]->name;
    nearest = tool_nearest(tool->argv[0], words);
    if (nearest != NULL)
        return tool_fail(tool, TOOL_USAGE, "unknown verb '%s'; did you mean '%s'?",
                         tool->argv[0], nearest);
    if (!print_group(stderr, tool->argv[0]))
        return tool_fail(tool, TOOL_USAGE,
                         "unknown verb '%s'; `outgatectl help` lists them",
                         tool->argv[0]);
    return tool_fail(tool, TOOL_USAGE, "%s needs one of these words behind it",
                     tool->argv[0]);
}

/* find the verb and move argv behind it */
static int
find_verb(struct tool *tool)
{
    for (size_t i = 0; tool_verbs[i] != NULL; i++) {
        int words = matches(tool_verbs[i], tool->argc, tool->argv);

        if (words == 0)
            continue;
        tool->verb = tool_verbs[i];
        tool->argc -= words;
        tool->argv += words;
        return TOOL_DONE;
    }
    return unknown_verb(tool);
}

static json_t *
verb_json(const struct tool_verb *verb)
{
    return json_pack("{s:s, s:s, s:s, s:s}", "name", verb->name, "usage", verb->usage,
                     "brief", verb->brief, "help", verb->help);
}

/* all verbs, or those that begin with a word that needs a second one; NULL: none does */
static json_t *
verbs_json(const char *word)
{
    json_t *all = json_array();

    for (size_t i = 0; tool_verbs[i] != NULL; i++)
        if (word == NULL || begins_with(tool_verbs[i]->name, word))
            (void)json_array_append_new(all, verb_json(tool_verbs[i]));
    if (word == NULL || json_array_size(all) > 0)
        return all;
    json_decref(all);
    return NULL;
}

static int
help(struct tool *tool)
{
    json_t *group;
    int code;

    if (tool->argc == 0 && tool->json)
        return tool_json(tool, verbs_json(NULL));
    if (tool->argc == 0) {
        print_overview();
        return TOOL_DONE;
    }
    group = tool->argc == 1 && tool->json ? verbs_json(tool->argv[0]) : NULL;
    if (group != NULL)
        return tool_json(tool, group);
    if (tool->argc == 1 && !tool->json && print_group(stdout, tool->argv[0]))
        return TOOL_DONE;
    code = find_verb(tool);
    if (code == TOOL_DONE && tool->json)
        return tool_json(tool, verb_json(tool->verb));
    if (code == TOOL_DONE)
        print_verb(tool->verb);
    return code;
}

const struct tool_verb tool_verb_help = {
    "help", "[VERB]", "tell what a verb means",
    "Prints usage, meaning and examples; with --json name, usage, brief and help of one\n"
    "verb, or a list of these.\n",
    help
};

static int
run(struct tool *tool)
{
    bool want_help = false, want_version = false;
    int code = tool_globals(tool, &want_help, &want_version);

    if (code != TOOL_DONE)
        return code;
    if (want_version && tool->json)
        return tool_json(tool, json_pack("{s:s}", "version", OG_VERSION));
    if (want_version) {
        puts("outgatectl " OG_VERSION);
        return TOOL_DONE;
    }
    if (want_help)
        return help(tool);
    if (tool->argc == 0)
        return tool_fail(tool, TOOL_USAGE,
                         "what to do? `outgatectl help` lists the verbs");
    code = find_verb(tool);
    return code == TOOL_DONE ? tool->verb->run(tool) : code;
}

int
main(int argc, char **argv)
{
    struct tool tool = { .conf = og_conf_path(),
                         .argc = argc > 0 ? argc - 1 : 0,
                         .argv = argv + 1,
                         .state = OG_STATE_INIT,
                         .uid = getuid() };
    int code;

    for (int fd = 0; fd < 3; fd++) /* no file of ours may become a standard stream */
        if (fcntl(fd, F_GETFD) < 0
            && open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY) < 0)
            return TOOL_TROUBLE;
    code = run(&tool);
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
        fprintf(stderr, "outgatectl: standard output: %s\n", strerror(errno));
        code = TOOL_TROUBLE;
    }
    og_state_free(&tool.state);
    json_decref(tool.warnings);
    return code;
}
