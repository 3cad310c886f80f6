# What an image builder installs. DESTDIR is the image's root, PREFIX where the program goes.
#   make install DESTDIR=/mnt              the program and azprovision-boot, which most of these call
#   make install-systemd DESTDIR=/mnt      the same and the files of one init or initramfs; enabling is yours
#   make uninstall-systemd DESTDIR=/mnt    takes those files away again; disable first
#   make uninstall DESTDIR=/mnt            takes the program away
#   make install-man install-completion DESTDIR=/mnt    the manual, and completion for bash and zsh
# Each file tells at its head how it is turned on and off.
PREFIX = /usr
# The program that goes there. For an arm64 image on x86-64: PROGRAM=out/arm64/azprovision.
PROGRAM = out/azprovision
# Where Debian's zsh looks: vendor-completions.
ZSH_FUNCTIONS = $(PREFIX)/share/zsh/site-functions
export DESTDIR PREFIX PROGRAM ZSH_FUNCTIONS

# Shell functions, so that a blank in DESTDIR is one. Files of the image are bytes, whatever this machine's locale is.
# inside FILE: ends all if a link of the image leads out of it, as an absolute one does: to a file of this machine.
# rendered FILE: a file of src/boot, with the place where the program is.
# put MODE FILE TARGET: the same as a file of the image.
# put_link TEXT TARGET, take TARGET...: a link in the image; files of the image that go.
# calls FILE: whether a line of it that is no comment starts the program.
define functions
set -eu; LC_ALL=C; export LC_ALL; \
fail() { echo "$$1" >&2; exit 1; }; \
inside() { \
  [ -d "$$DESTDIR/" ] || return 0; \
  image=$$(readlink -f "$$DESTDIR/"); \
  [ "$$image" != / ] || return 0; \
  part=$$1; \
  while [ ! -e "$$part" ] && [ ! -L "$$part" ]; do part=$${part%/*}; done; \
  place=$$(readlink -f "$$part") || place=$$(readlink "$$part"); \
  case $$place/ in \
    "$$image"/*) ;; \
    *) fail "$$part: a link leads to $$place, which is not in $$DESTDIR: make it a relative one" ;; \
  esac; \
}; \
rendered() { sed "s|/usr/sbin/azprovision|$$PREFIX/sbin/azprovision|g" "src/boot/$$1"; }; \
put() { inside "$$3"; mkdir -p "$${3%/*}"; rendered "$$2" >"$$3"; chmod "$$1" "$$3"; }; \
put_link() { inside "$${2%/*}"; mkdir -p "$${2%/*}"; ln -sf "$$1" "$$2"; }; \
take() { for target; do inside "$${target%/*}"; rm -f "$$target"; done; }; \
calls() { grep -a -q -s '^[^#]*azprovision-boot' "$$1"; }; \
install_program() { \
  put 755 azprovision-boot "$$DESTDIR$$PREFIX/sbin/azprovision-boot"; \
  install -m 755 "$$PROGRAM" "$$DESTDIR$$PREFIX/sbin/azprovision"; \
};
endef

install: $(PROGRAM)
	@$(functions) install_program

uninstall:
	@$(functions) take "$$DESTDIR$$PREFIX/sbin/azprovision" "$$DESTDIR$$PREFIX/sbin/azprovision-boot"

# Only if there is none: else nothing is built that is already there.
out/azprovision:
	./build.sh

out/arm64/azprovision:
	./build.sh --arch arm64

# A file of the builder's own is not touched, and then nothing is installed.
install-rclocal: $(PROGRAM)
	@$(functions) file=$$DESTDIR/etc/rc.local; inside "$$file"; \
	if [ -e "$$file" ]; then \
	  calls "$$file" || fail "$$file is there: make install, and put the call of src/boot/rc.local into it"; \
	  [ -x "$$file" ] || fail "$$file cannot be executed: chmod +x"; \
	else \
	  put 755 rc.local "$$file"; \
	fi; \
	install_program

uninstall-rclocal:
	@$(functions) file=$$DESTDIR/etc/rc.local; inside "$$file"; \
	if rendered rc.local | cmp -s - "$$file"; then rm "$$file"; fi; \
	! calls "$$file" || fail "$$file is not as it was installed: take the call out of it"

# Without the file BusyBox has an inittab of its own, which one with a single line would replace. sysvinit has another
# syntax, and a target of its own.
install-inittab: $(PROGRAM)
	@$(functions) file=$$DESTDIR/etc/inittab; inside "$$file"; \
	[ -e "$$file" ] || fail "$$file is not there"; \
	! grep -a -q '^[^#]*:initdefault:' "$$file" || fail "$$file is sysvinit's, not BusyBox's: make install-sysvinit"; \
	install_program; \
	if ! calls "$$file"; then \
	  [ -z "$$(tail -c 1 "$$file")" ] || echo >>"$$file"; \
	  rendered inittab >>"$$file"; \
	fi

# It stays the same file, with its mode, owner and label. grep's 1 tells that no other line is left, more than that an error.
uninstall-inittab:
	@$(functions) file=$$DESTDIR/etc/inittab; inside "$$file"; \
	[ -e "$$file" ] || exit 0; \
	rest=$$(mktemp "$$file.XXXXXX"); \
	trap 'rm "$$rest"' EXIT; \
	rendered inittab | grep -a -v -x -F -f - "$$file" >"$$rest" || [ $$? -eq 1 ]; \
	cat "$$rest" >"$$file"

install-sysvinit: $(PROGRAM)
	@$(functions) install_program; put 755 sysvinit/azprovision "$$DESTDIR/etc/init.d/azprovision"

install-openrc: $(PROGRAM)
	@$(functions) install_program; put 755 openrc/azprovision "$$DESTDIR/etc/init.d/azprovision"

uninstall-sysvinit uninstall-openrc:
	@$(functions) take "$$DESTDIR/etc/init.d/azprovision"

# DESTDIR is a directory of BR2_ROOTFS_OVERLAY, in which a /sbin would be one too many for some roots.
install-buildroot: $(PROGRAM)
	@$(functions) install_program; mkdir -p "$$DESTDIR/data" "$$DESTDIR/overlay"; \
	put 755 buildroot/preinit "$$DESTDIR$$PREFIX/sbin/preinit"; \
	put 755 buildroot/S30azprovision "$$DESTDIR/etc/init.d/S30azprovision"

uninstall-buildroot:
	@$(functions) take "$$DESTDIR$$PREFIX/sbin/preinit" "$$DESTDIR/etc/init.d/S30azprovision"

# The program is its own generator, by another name.
unit = $$DESTDIR$$PREFIX/lib/systemd/system/azprovision.service
generators = lib/systemd/system-generators
generator = $$DESTDIR$$PREFIX/$(generators)/azprovision-generator
# Where /lib is no link to /usr/lib, systemd looks for generators there and not in /usr/lib.
split_generator = $$DESTDIR/$(generators)/azprovision-generator
is_split = [ -d "$$DESTDIR/$(generators)" ] && [ ! -L "$$DESTDIR/lib" ]
install-systemd: $(PROGRAM)
	@$(functions) install_program; put 644 systemd/azprovision.service "$(unit)"; \
	put_link ../../../sbin/azprovision "$(generator)"; \
	if $(is_split); then put_link "$$PREFIX/sbin/azprovision" "$(split_generator)"; fi

uninstall-systemd:
	@$(functions) take "$(unit)" "$(generator)"; \
	if $(is_split); then take "$(split_generator)"; fi

# These look nowhere else than below /usr, for what is not the administrator's own.
initramfs_tools = $$DESTDIR/usr/share/initramfs-tools
install-initramfs-tools: $(PROGRAM)
	@$(functions) install_program; \
	put 755 initramfs-tools/hook "$(initramfs_tools)/hooks/azprovision"; \
	put 755 initramfs-tools/local-bottom "$(initramfs_tools)/scripts/local-bottom/azprovision"

uninstall-initramfs-tools:
	@$(functions) take "$(initramfs_tools)/hooks/azprovision" "$(initramfs_tools)/scripts/local-bottom/azprovision"

dracut = $$DESTDIR/usr/lib/dracut/modules.d/95azprovision
install-dracut: $(PROGRAM)
	@$(functions) install_program; \
	put 755 dracut/module-setup.sh "$(dracut)/module-setup.sh"; \
	put 755 dracut/azprovision.sh "$(dracut)/azprovision.sh"

uninstall-dracut:
	@$(functions) take "$(dracut)/module-setup.sh" "$(dracut)/azprovision.sh"; \
	[ ! -d "$(dracut)" ] || rmdir "$(dracut)"

mkinitcpio = $$DESTDIR/usr/lib/initcpio
install-mkinitcpio: $(PROGRAM)
	@$(functions) install_program; \
	put 644 mkinitcpio/install "$(mkinitcpio)/install/azprovision"; \
	put 644 mkinitcpio/hook "$(mkinitcpio)/hooks/azprovision"

uninstall-mkinitcpio:
	@$(functions) take "$(mkinitcpio)/install/azprovision" "$(mkinitcpio)/hooks/azprovision"

share = $$DESTDIR$$PREFIX/share
install-man:
	@$(functions) put 644 ../man/azprovision.8 "$(share)/man/man8/azprovision.8"; \
	put 644 ../man/azprovision.conf.5 "$(share)/man/man5/azprovision.conf.5"; \
	put 644 ../man/azprovision-appliance.7 "$(share)/man/man7/azprovision-appliance.7"

uninstall-man:
	@$(functions) take "$(share)/man/man8/azprovision.8" "$(share)/man/man5/azprovision.conf.5" "$(share)/man/man7/azprovision-appliance.7"

install-completion:
	@$(functions) put 644 ../completion/azprovision.bash "$(share)/bash-completion/completions/azprovision"; \
	put 644 ../completion/_azprovision "$$DESTDIR$$ZSH_FUNCTIONS/_azprovision"

uninstall-completion:
	@$(functions) take "$(share)/bash-completion/completions/azprovision" "$$DESTDIR$$ZSH_FUNCTIONS/_azprovision"

inits = rclocal inittab sysvinit openrc buildroot systemd initramfs-tools dracut mkinitcpio
.PHONY: install uninstall install-man uninstall-man install-completion uninstall-completion \
	$(inits:%=install-%) $(inits:%=uninstall-%)
