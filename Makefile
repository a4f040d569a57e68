# SPDX-License-Identifier: MIT
# make            the program, at build/ktlsctl; nothing is written anywhere else
# make run        install what is missing, build, diagnose this host
# make test       install what is missing, then all tests; the laboratory: every case on
#                 6.12 (of kills and cuts at every step one in four), a core set on the
#                 other kernels
# make test-full  the same with every case on every kernel, i386 and arm64, valgrind, engines
# make check      the tests without set-up and laboratory (SANITIZE=address,undefined,
#                 VALGRIND=1)
# make engines    the tests with Ansible, systemd, Prometheus (root)
# make vm-test    the laboratory alone: KERNEL=5.10|6.1|6.12|7.x CASE=name
# make vm-shell   a shell in it: KERNEL=6.12
# make demo       boots 6.12 in it and diagnoses that, for a host without kTLS
# make bench      speed, against the commands one would type instead
# make screenshots  sample pages as a browser shows them (chromium, poppler-utils)
# make foreign    builds for i386 and arm64, and the unit tests as such programs
# make fuzz       the fuzzers: FUZZ_RUNS=1000000 FUZZ_SEED=0 (inputs nobody tried yet)
# make fuzz-report the same for FUZZ_LONG=1000000 each, and how much of its parser each saw
# make analyze    gcc -fanalyzer, clang-tidy, cppcheck and clang-format
# make coverage   which lines the tests run; make mutation: whether they notice a
#                 comparison turned over; make soak: memory and descriptors, after an hour
# make deps       install what building and testing need (apt; root or sudo)
# make install    the program, libktls, manuals, completion, units and rules: DESTDIR=
#                 PREFIX=/usr/local LIBDIR= UNITDIR=
# make packages   the tests of the packages: Debian's, an RPM (root)
# make sbom       what the build is made of, as SPDX: build/ktlsctl.spdx.json
# make schemas    write share/schema anew after a document has changed
# make generated  likewise what else of share/ comes out of the program's tables
# make clean      remove build/
# Variables: CC, CFLAGS, B (build folder), V=1 (show commands), MINIMAL=1 (only
# what is needed: no libkmod, no liburing)

VERSION := 1.0.0
CC := $(if $(filter default,$(origin CC)),gcc,$(CC))
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
UNITDIR ?= $(PREFIX)/lib/systemd/system
AR ?= ar
PKG_CONFIG ?= pkg-config
SANITIZE ?=
B ?= $(if $(SANITIZE),build/sanitize,build)
Q := $(if $(filter 1,$(V)),,@)

.DEFAULT_GOAL := all

# Libraries: pkg-config name and the package that has it. The optional ones can be left
# out, and the program says so.
NEEDED := libcrypto=libssl-dev libssl=libssl-dev libnl-3.0=libnl-3-dev \
	libnl-genl-3.0=libnl-genl-3-dev libmnl=libmnl-dev libcjson=libcjson-dev \
	zlib=zlib1g-dev libelf=libelf-dev inih=libinih-dev libcap-ng=libcap-ng-dev \
	$(if $(MINIMAL),,libkmod=libkmod-dev liburing=liburing-dev)
PACKAGES := $(foreach n,$(NEEDED),$(firstword $(subst =, ,$(n))))
# Answers of HTTP: llhttp where the distribution has it; the older http-parser has no
# pkg-config file, and is linked in.
LLHTTP := $(shell $(PKG_CONFIG) --exists libllhttp 2>/dev/null && echo libllhttp)
HTTP_PARSER ?= -l:libhttp_parser.a
HTTP_LIBS := $(if $(LLHTTP),$(shell $(PKG_CONFIG) --libs libllhttp),$(HTTP_PARSER))
PKG_CFLAGS = $(shell $(PKG_CONFIG) --cflags $(PACKAGES) 2>/dev/null) \
	$(if $(LLHTTP),-DHAVE_LLHTTP) \
	$(if $(MINIMAL),,-DHAVE_LIBKMOD -DLIBKMOD_VERSION='"$(shell \
	$(PKG_CONFIG) --modversion libkmod 2>/dev/null)"') \
	$(if $(MINIMAL),,-DHAVE_LIBURING -DLIBURING_VERSION='"$(shell \
	$(PKG_CONFIG) --modversion liburing 2>/dev/null)"')
PKG_CFLAGS := $(PKG_CFLAGS) -DINIH_VERSION='"$(shell $(PKG_CONFIG) --modversion inih \
	2>/dev/null)"' -DLIBCAPNG_VERSION='"$(shell $(PKG_CONFIG) --modversion libcap-ng \
	2>/dev/null)"'
# It has no pkg-config file either.
PKG_LIBS := $(shell $(PKG_CONFIG) --libs $(PACKAGES) 2>/dev/null) $(HTTP_LIBS) -lwslay

WERROR ?= -Werror
WARN := -Wall -Wextra $(WERROR) -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wold-style-definition -Wpointer-arith -Wwrite-strings -Wvla -Wformat=2 -Wundef
# Whoever builds packages may have a level of his own.
FORTIFY := $(if $(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),,-D_FORTIFY_SOURCE=2)
HARDEN := $(FORTIFY) -fstack-protector-strong -fstack-clash-protection -fPIE
OPT := -O2 -g
ifneq ($(SANITIZE),)
OPT := -O1 -g -fno-omit-frame-pointer -fsanitize=$(SANITIZE) -fno-sanitize-recover=all
HARDEN := -fstack-protector-strong -fPIE
endif
# The folder it is built in is nobody's business, and in no file.
REPRODUCIBLE := -ffile-prefix-map=$(CURDIR)=.
CPPFLAGS_ALL = -I$(B)/gen $(OWN_INCLUDE) -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 \
	-DKTLSCTL_VERSION='"$(VERSION)"' $(PKG_CFLAGS) $(CPPFLAGS)
CFLAGS_ALL = -std=gnu17 $(OPT) $(WARN) $(HARDEN) $(REPRODUCIBLE) $(CFLAGS) $(OWN_PIC)
LDFLAGS_ALL = $(OPT) -pthread -pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed \
	$(OWN_LD) $(LDFLAGS)

OBJ := $(patsubst %.c,$(B)/%.o,$(sort $(wildcard lib/*/*.c checks/*.c \
	checks/*/*.c)))
CMD_OBJ := $(patsubst %.c,$(B)/%.o,$(sort $(wildcard cmd/*.c)))

all: $(B)/ktlsctl $(B)/libktls.so.0

# libktls: lib/tls, for the program and for others.
TLS_OBJ := $(patsubst %.c,$(B)/%.o,$(sort $(wildcard lib/tls/*.c)))
TLS_HEADERS := lib/tls/ktls.h lib/tls/ktls_ssl.h lib/tls/cipher.h lib/tls/uapi.h
TLS_PIC := -fPIC
# OWN_*, not CFLAGS and the like: who names those on the command line takes them away here.
$(TLS_OBJ): private OWN_PIC := $(TLS_PIC)

$(B)/libktls.a: $(TLS_OBJ)
	$(if $(Q),@echo "  AR      $@")
	$(Q)rm -f $@ && $(AR) rcsD $@ $(TLS_OBJ)

$(B)/libktls.so.0: $(TLS_OBJ) lib/tls/libktls.map
	$(if $(Q),@echo "  LD      $@")
	$(Q)$(CC) $(filter-out -pie,$(LDFLAGS_ALL)) $(if $(SANITIZE),,-Wl,-z,defs) -shared \
		-Wl,-soname,libktls.so.0 -Wl,--version-script=lib/tls/libktls.map -o $@ \
		$(TLS_OBJ) $(shell $(PKG_CONFIG) --libs libssl libcrypto 2>/dev/null)

$(B)/ktlsctl: $(CMD_OBJ) $(OBJ) $(B)/libktls.a
	$(if $(Q),@echo "  LD      $@")
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $(CMD_OBJ) $(filter-out $(TLS_OBJ),$(OBJ)) \
		$(B)/libktls.a $(PKG_LIBS) -lm -ldl

# The profiles as C strings, a line each.
$(B)/gen/profiles.inc: $(wildcard profiles/*.profile) Makefile
	$(if $(Q),@echo "  GEN     $@")
	@mkdir -p $(@D)
	$(Q)for p in $(sort $(wildcard profiles/*.profile)); do \
		n=$${p##*/}; echo "{ \"$${n%.profile}\","; \
		sed 's/[\\"]/\\&/g; s/.*/"&\\n"/' "$$p"; echo "},"; done >$@.new
	$(Q)mv $@.new $@
$(B)/lib/tune/builtin.o: $(B)/gen/profiles.inc

# The style of the pages as a C string, without its remarks.
$(B)/gen/page_css.inc: lib/out/page.css Makefile
	$(if $(Q),@echo "  GEN     $@")
	@mkdir -p $(@D)
	$(Q)sed '/^\/\*/,/\*\//d; s/^	*//; s/[\\"]/\\&/g; s/.*/"&\\n"/' $< >$@.new
	$(Q)mv $@.new $@
$(B)/lib/out/html.o: $(B)/gen/page_css.inc

$(B)/checks/%.o: private OWN_INCLUDE := -Ilib/check
$(B)/%.o: %.c $(B)/flags
	$(if $(Q),@echo "  CC      $<")
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

# Other flags or another compiler: everything anew.
$(B)/flags: FORCE | need
	@mkdir -p $(B)
	@echo "$(subst ",\",$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(LDFLAGS_ALL) $(TLS_PIC))" >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

# One line that names what is missing; only `make deps` installs anything.
MISSING = { echo "ktlsctl: the package $(1) is missing; 'make deps' installs it" >&2; \
	exit 1; }
need:
	@command -v $(PKG_CONFIG) >/dev/null || $(call MISSING,pkg-config)
	@command -v $(firstword $(CC)) >/dev/null || $(call MISSING,$(firstword $(CC)))
	@for n in $(NEEDED); do \
		$(PKG_CONFIG) --exists $${n%=*} || $(call MISSING,$${n#*=}); done
	@[ -n "$(LLHTTP)" ] || echo '#include <http_parser.h>' | $(CC) -E - >/dev/null 2>&1 || \
		$(call MISSING,libhttp-parser-dev)
	@echo '#include <wslay/wslay.h>' | $(CC) -E - >/dev/null 2>&1 || \
		$(call MISSING,libwslay-dev)

deps:
	@contrib/deps.sh

run:
	@$(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory all
	@echo
	@$(B)/ktlsctl || true
	@grep -qw tls /proc/sys/net/ipv4/tcp_available_ulp || \
		echo "No kTLS here? 'make demo' shows ktlsctl on a kernel that has it."

# The manual pages are written in scdoc(5).
PAGES := $(patsubst share/man/%.scd,%,$(wildcard share/man/*.scd))
# The first line has man run tbl(1) for the tables.
$(B)/man/%: share/man/%.scd
	@command -v scdoc >/dev/null || $(call MISSING,scdoc)
	@mkdir -p $(@D)
	$(Q){ printf '%s\n' "'\\\" t"; scdoc <$<; } >$@

man: $(PAGES:%=$(B)/man/%)

COMPLETIONS := bash-completion/completions/ktlsctl zsh/site-functions/_ktlsctl \
	fish/vendor_completions.d/ktlsctl.fish

# What of share/ is written out of the program's tables; kept in the tree, because the
# program of a cross build does not run here.
generated: all
	share/generate.py $(B)/ktlsctl share

install: all man install-lib install-prometheus
	install -Dm755 $(B)/ktlsctl $(DESTDIR)$(PREFIX)/bin/ktlsctl
	for p in $(filter-out libktls.3,$(PAGES)); do install -Dm644 $(B)/man/$$p \
		$(DESTDIR)$(PREFIX)/share/man/man$${p##*.}/$$p || exit; done
	for f in $(COMPLETIONS); do install -Dm644 share/$$f \
		$(DESTDIR)$(PREFIX)/share/$$f || exit; done
	install -d $(DESTDIR)$(PREFIX)/share/doc/ktlsctl
	install -m644 docs/*.md $(DESTDIR)$(PREFIX)/share/doc/ktlsctl/
	install -d $(DESTDIR)$(PREFIX)/share/ktlsctl/schema
	install -m644 share/schema/*.json $(DESTDIR)$(PREFIX)/share/ktlsctl/schema/
	install -d $(DESTDIR)$(PREFIX)/share/ktlsctl/profiles
	install -m644 profiles/*.profile $(DESTDIR)$(PREFIX)/share/ktlsctl/profiles/

install-lib: $(B)/libktls.a $(B)/libktls.so.0 $(B)/man/libktls.3
	install -d $(DESTDIR)$(PREFIX)/include/ktls $(DESTDIR)$(LIBDIR)/pkgconfig
	install -m644 $(TLS_HEADERS) $(DESTDIR)$(PREFIX)/include/ktls/
	install -m644 $(B)/libktls.a $(DESTDIR)$(LIBDIR)/
	install -m755 $(B)/libktls.so.0 $(DESTDIR)$(LIBDIR)/libktls.so.0.$(VERSION)
	ln -sf libktls.so.0.$(VERSION) $(DESTDIR)$(LIBDIR)/libktls.so.0
	ln -sf libktls.so.0 $(DESTDIR)$(LIBDIR)/libktls.so
	sed 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|; s|@VERSION@|$(VERSION)|' \
		lib/tls/ktls.pc.in >$(B)/ktls.pc
	install -m644 $(B)/ktls.pc $(DESTDIR)$(LIBDIR)/pkgconfig/
	install -Dm644 $(B)/man/libktls.3 $(DESTDIR)$(PREFIX)/share/man/man3/libktls.3

# For hosts that Prometheus watches, and for the Prometheus that does. The units name the
# program by its place.
.PHONY: install-prometheus
install-prometheus:
	install -d $(DESTDIR)$(UNITDIR) $(DESTDIR)$(PREFIX)/share/ktlsctl/prometheus \
		$(DESTDIR)$(PREFIX)/share/ktlsctl/grafana
	@mkdir -p $(B)
	sed 's|/usr/bin/ktlsctl|$(PREFIX)/bin/ktlsctl|' contrib/systemd/ktlsctl-export.service \
		>$(B)/ktlsctl-export.service
	install -m644 $(B)/ktlsctl-export.service contrib/systemd/ktlsctl-export.timer \
		$(DESTDIR)$(UNITDIR)/
	install -m644 contrib/prometheus/ktlsctl.rules.yml \
		$(DESTDIR)$(PREFIX)/share/ktlsctl/prometheus/
	install -m644 contrib/grafana/*.json $(DESTDIR)$(PREFIX)/share/ktlsctl/grafana/

# What is linked is read from what was built.
.PHONY: sbom
sbom: all
	$(Q)VERSION='$(VERSION)' CC='$(CC)' PKG_CONFIG='$(PKG_CONFIG)' contrib/sbom.py $(B) \
		$(if $(LLHTTP),,--http-parser='$(HTTP_PARSER)') >$(B)/ktlsctl.spdx.json.new
	$(Q)mv $(B)/ktlsctl.spdx.json.new $(B)/ktlsctl.spdx.json

# Written by the program itself from its field tables.
SCHEMAS := report-1 rollup-1 snapshot-1 checks-1 written-1 error-1 probe-1 request-1 \
	serve-1 socket-1 sockets-1 stat-1 scan-1 latency-1 plan-1 profiles-1 result-1 \
	drift-1 history-1 commands-1 tunables-1 facts-1 fleet-1 fleet_diff-1 bench-1
schemas: all
	@mkdir -p share/schema
	$(foreach s,$(SCHEMAS),$(B)/ktlsctl explain --schema \
		ktlsctl.$(subst -,/,$(s)) --output share/schema/$(s).json;)

clean:
	rm -rf build

help:
	@sed -n '/^# make/,/^$$/s/^# //p' Makefile

include tests/test.mk

.PHONY: all need deps run man generated install install-lib schemas clean help FORCE
FORCE:

-include $(OBJ:.o=.d) $(CMD_OBJ:.o=.d)
