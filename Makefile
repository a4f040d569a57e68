# SPDX-License-Identifier: MIT
# make            the program, at build/ktlsctl; nothing is written anywhere else
# make deps       install what building and testing need (apt; root or sudo)
# make run        deps, build, diagnose this host
# make test       deps, unit, CLI and laboratory: every case on 6.12, a core set elsewhere
# make help       the rest

VERSION := 0.1.0
B ?= build
CC ?= gcc
PREFIX ?= /usr/local
PKG_CONFIG ?= pkg-config
V ?= 0
Q := $(if $(filter 1,$(V)),,@)

.DEFAULT_GOAL := all

# Libraries; MINIMAL=1 leaves out the optional ones, and the program says so.
PACKAGES := libcrypto libnl-3.0 libnl-route-3.0 libcjson zlib
OPTIONAL := $(if $(MINIMAL),,libkmod)
include mk/need.mk

WARN := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wold-style-definition -Wpointer-arith -Wwrite-strings -Wvla -Wformat=2 -Wundef
HARDEN := -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection -fPIE
HARDEN_LD := -pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed
OPT := -O2 -g
ifdef SANITIZE
OPT := -O1 -g -fno-omit-frame-pointer -fsanitize=$(SANITIZE) -fno-sanitize-recover=all
HARDEN := -fstack-protector-strong -fPIE
endif
CPPFLAGS_ALL = -D_GNU_SOURCE -DKTLSCTL_VERSION='"$(VERSION)"' $(PKG_CFLAGS) $(CPPFLAGS)
CFLAGS_ALL = -std=gnu17 $(OPT) $(WARN) $(HARDEN) $(CFLAGS)
LDFLAGS_ALL = $(OPT) $(HARDEN_LD) $(LDFLAGS)

LIB_SRC := $(wildcard lib/*/*.c)
CHECK_SRC := $(wildcard checks/*.c checks/*/*.c)
CMD_SRC := $(wildcard cmd/*.c)
OBJ = $(patsubst %.c,$(B)/%.o,$(LIB_SRC) $(CHECK_SRC))
CMD_OBJ = $(patsubst %.c,$(B)/%.o,$(CMD_SRC))

all: $(B)/ktlsctl

$(B)/ktlsctl: $(CMD_OBJ) $(OBJ) | need
	$(if $(Q),@echo "  LD      $@")
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $(CMD_OBJ) $(OBJ) $(PKG_LIBS) -ldl

$(B)/checks/%.o: CPPFLAGS += -Ilib/check
$(B)/%.o: %.c $(B)/flags | need
	$(if $(Q),@echo "  CC      $<")
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

# Other flags or another compiler: everything anew.
$(B)/flags: FORCE
	@mkdir -p $(B)
	@echo '$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(LDFLAGS_ALL)' | cmp -s - $@ || \
		echo '$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(LDFLAGS_ALL)' > $@

include mk/test.mk
include mk/install.mk

clean:
	rm -rf $(B)

help:
	@sed -n 's/^# make/make/p' Makefile mk/*.mk

.PHONY: all clean help FORCE
FORCE:

-include $(OBJ:.o=.d) $(CMD_OBJ:.o=.d)
