/* SPDX-License-Identifier: MIT */
/*
 * A page for the browser: one file, no script, nothing from elsewhere. What is written is
 * HTML and XML at the same time, so that any XML parser can tell whether it is well
 * formed. For the renderers of pages only.
 */
#ifndef KTLSCTL_HTML_H
#define KTLSCTL_HTML_H

#include <stdio.h>

#include "render.h"

struct html {
	FILE *f; /* of open_memstream(3); constant markup goes there directly */
	char *data;
	size_t len;
	unsigned charts; /* that were drawn: their names */
};

/* Who and when, for the head and the foot of a page. */
struct html_head {
	const char *title;        /* of the window, and the first heading */
	const char *kind;         /* "diagnosis", "probe" */
	const char *host, *time;  /* "": not known */
	const char *tool_version; /* of ktlsctl that found it out */
};

int html_open(struct html *h, const struct html_head *head);
/* The page; NULL when something could not be written to memory. */
char *html_close(struct html *h, const struct html_head *head);

/*
 * s as text, never as markup, also between quotes. Invalid UTF-8 and control characters
 * come out as \xNN, what turns the direction of writing around as \u{NNNN}.
 */
void html_text(struct html *h, const char *s);
/* <tag>s</tag>; tag may have attributes behind its name: "p class=\"note\"". */
void html_element(struct html *h, const char *tag, const char *s);
/* A heading of the second rank begins a section, which ends with </section>. */
void html_section(struct html *h, const char *title);

/* Its symbol and its word: never the colour alone. */
void html_verdict(struct html *h, enum verdict v);
/* The same with another word. */
void html_says(struct html *h, enum verdict v, const char *word);
void html_remedy(struct html *h, const struct remedy *m, const char *tune_id);

/* Columns may be more than a screen is wide: then it is moved sideways. */
void html_table_begin(struct html *h, const char *label);
void html_table_end(struct html *h);

/*
 * The part of a document that has this name, as a table out of the table of its fields:
 * name, value, meaning; of a list a row for each. Lists of parts within it become tables
 * in it. A part that is null or left out is nothing.
 */
void html_part(struct html *h, const struct fields *d, const void *doc, const char *name);

#endif
