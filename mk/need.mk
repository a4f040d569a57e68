# SPDX-License-Identifier: MIT
# What has to be installed, and how it is found. `make deps` is the only thing that
# installs anything; everything else names what is missing in one line.

PKG_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(PACKAGES) $(OPTIONAL) 2>/dev/null) \
	$(if $(OPTIONAL),-DHAVE_LIBKMOD -DLIBKMOD_VERSION='"$(shell $(PKG_CONFIG) --modversion libkmod 2>/dev/null)"')
PKG_LIBS := $(shell $(PKG_CONFIG) --libs $(PACKAGES) $(OPTIONAL) 2>/dev/null)

need:
	@command -v $(PKG_CONFIG) >/dev/null || \
		{ echo "ktlsctl: pkg-config is missing: make deps installs it" >&2; exit 1; }
	@command -v $(firstword $(CC)) >/dev/null || \
		{ echo "ktlsctl: the compiler $(CC) is missing: make deps installs it" >&2; exit 1; }
	@for p in $(PACKAGES) $(OPTIONAL); do \
		$(PKG_CONFIG) --exists $$p || \
		{ echo "ktlsctl: the library $$p is missing: make deps installs it" >&2; exit 1; }; \
	done

deps:
	@mk/deps.sh

.PHONY: need deps
