# What an image builder installs. DESTDIR is the image's root, PREFIX where the program goes.
#   make install DESTDIR=/mnt              the program and azprovision-boot, which most of these call
#   make install-systemd DESTDIR=/mnt      the same and the files of one init or initramfs; enabling is yours
#   make uninstall-systemd DESTDIR=/mnt    takes those files away again; disable first
#   make uninstall DESTDIR=/mnt            takes the program away
#   make install-man install-completion DESTDIR=/mnt    the manual, and completion for bash and zsh
# Each file tells at its head how it is turned on and off.
PREFIX = /usr
# Where Debian's zsh looks: vendor-completions.
ZSH_FUNCTIONS = $(PREFIX)/share/zsh/site-functions
export DESTDIR PREFIX ZSH_FUNCTIONS

# Shell functions, so that a blank in DESTDIR is one.
# put MODE FILE TARGET: a file of src/boot, which gets the place where the program is.
define functions
set -eu; \
put() { \
  mkdir -p "$${3%/*}"; \
  sed "s|/usr/sbin/azprovision|$$PREFIX/sbin/azprovision|g" "src/boot/$$2" >"$$3"; \
  chmod "$$1" "$$3"; \
}; \
install_program() { \
  mkdir -p "$$DESTDIR$$PREFIX/sbin"; \
  install -m 755 out/azprovision "$$DESTDIR$$PREFIX/sbin/azprovision"; \
  put 755 azprovision-boot "$$DESTDIR$$PREFIX/sbin/azprovision-boot"; \
}; \
fail() { echo "$$1" >&2; exit 1; };
endef

install: out/azprovision
	@$(functions) install_program

uninstall:
	rm -f "$$DESTDIR$$PREFIX/sbin/azprovision" "$$DESTDIR$$PREFIX/sbin/azprovision-boot"

# Only if there is none: else nothing is built that is already there.
out/azprovision:
	./build.sh

# A file of the builder's own is not touched, and then nothing is installed.
install-rclocal: out/azprovision
	@$(functions) file=$$DESTDIR/etc/rc.local; \
	if [ -e "$$file" ]; then \
	  grep -q azprovision-boot "$$file" || fail "$$file is there: make install, and put the call of src/boot/rc.local into it"; \
	else \
	  put 755 rc.local "$$file"; \
	fi; \
	install_program

uninstall-rclocal:
	@$(functions) file=$$DESTDIR/etc/rc.local; \
	put 755 rc.local "$$file.installed"; \
	if cmp -s "$$file.installed" "$$file"; then rm "$$file"; fi; \
	rm "$$file.installed"; \
	! grep -q -s azprovision-boot "$$file" || fail "$$file is not as it was installed: take the call out of it"

# Without the file BusyBox has an inittab of its own, which one with a single line would replace. sysvinit has another
# syntax, and a target of its own.
install-inittab: out/azprovision
	@$(functions) file=$$DESTDIR/etc/inittab; \
	[ -e "$$file" ] || fail "$$file is not there"; \
	! grep -q '^[^#]*:initdefault:' "$$file" || fail "$$file is sysvinit's, not BusyBox's: make install-sysvinit"; \
	install_program; \
	grep -q azprovision-boot "$$file" || \
	  sed "s|/usr/sbin/azprovision|$$PREFIX/sbin/azprovision|g" src/boot/inittab >>"$$file"

uninstall-inittab:
	@$(functions) file=$$DESTDIR/etc/inittab; \
	[ -e "$$file" ] || exit 0; \
	sed "s|/usr/sbin/azprovision|$$PREFIX/sbin/azprovision|g" src/boot/inittab | grep -v -x -F -f - "$$file" | \
	  { cat >"$$file.new"; cat "$$file.new" >"$$file"; rm "$$file.new"; }

install-sysvinit: out/azprovision
	@$(functions) install_program; put 755 sysvinit/azprovision "$$DESTDIR/etc/init.d/azprovision"

install-openrc: out/azprovision
	@$(functions) install_program; put 755 openrc/azprovision "$$DESTDIR/etc/init.d/azprovision"

uninstall-sysvinit uninstall-openrc:
	rm -f "$$DESTDIR/etc/init.d/azprovision"

# DESTDIR is a directory of BR2_ROOTFS_OVERLAY, in which a /sbin would be one too many for some roots.
install-buildroot: out/azprovision
	@$(functions) install_program; mkdir -p "$$DESTDIR/data" "$$DESTDIR/overlay"; \
	put 755 buildroot/preinit "$$DESTDIR$$PREFIX/sbin/preinit"; \
	put 755 buildroot/S30azprovision "$$DESTDIR/etc/init.d/S30azprovision"

uninstall-buildroot:
	rm -f "$$DESTDIR$$PREFIX/sbin/preinit" "$$DESTDIR/etc/init.d/S30azprovision"

# The program is its own generator, by another name.
unit = $$DESTDIR$$PREFIX/lib/systemd/system/azprovision.service
generators = lib/systemd/system-generators
generator = $$DESTDIR$$PREFIX/$(generators)/azprovision-generator
# Where /lib is no link to /usr/lib, systemd looks for generators there and not in /usr/lib.
split_generator = $$DESTDIR/$(generators)/azprovision-generator
is_split = [ -d "$$DESTDIR/$(generators)" ] && [ ! -L "$$DESTDIR/lib" ]
install-systemd: out/azprovision
	@$(functions) install_program; put 644 systemd/azprovision.service "$(unit)"; \
	mkdir -p "$$(dirname "$(generator)")"; ln -sf ../../../sbin/azprovision "$(generator)"; \
	if $(is_split); then ln -sf "$$PREFIX/sbin/azprovision" "$(split_generator)"; fi

uninstall-systemd:
	rm -f "$(unit)" "$(generator)"
	if $(is_split); then rm -f "$(split_generator)"; fi

# These look nowhere else than below /usr, for what is not the administrator's own.
initramfs_tools = $$DESTDIR/usr/share/initramfs-tools
install-initramfs-tools: out/azprovision
	@$(functions) install_program; \
	put 755 initramfs-tools/hook "$(initramfs_tools)/hooks/azprovision"; \
	put 755 initramfs-tools/local-bottom "$(initramfs_tools)/scripts/local-bottom/azprovision"

uninstall-initramfs-tools:
	rm -f "$(initramfs_tools)/hooks/azprovision" "$(initramfs_tools)/scripts/local-bottom/azprovision"

dracut = $$DESTDIR/usr/lib/dracut/modules.d/95azprovision
install-dracut: out/azprovision
	@$(functions) install_program; \
	put 755 dracut/module-setup.sh "$(dracut)/module-setup.sh"; \
	put 755 dracut/azprovision.sh "$(dracut)/azprovision.sh"

uninstall-dracut:
	rm -rf "$(dracut)"

mkinitcpio = $$DESTDIR/usr/lib/initcpio
install-mkinitcpio: out/azprovision
	@$(functions) install_program; \
	put 644 mkinitcpio/install "$(mkinitcpio)/install/azprovision"; \
	put 644 mkinitcpio/hook "$(mkinitcpio)/hooks/azprovision"

uninstall-mkinitcpio:
	rm -f "$(mkinitcpio)/install/azprovision" "$(mkinitcpio)/hooks/azprovision"

share = $$DESTDIR$$PREFIX/share
install-man:
	@$(functions) put 644 ../man/azprovision.8 "$(share)/man/man8/azprovision.8"; \
	put 644 ../man/azprovision.conf.5 "$(share)/man/man5/azprovision.conf.5"; \
	put 644 ../man/azprovision-appliance.7 "$(share)/man/man7/azprovision-appliance.7"

uninstall-man:
	rm -f "$(share)/man/man8/azprovision.8" "$(share)/man/man5/azprovision.conf.5" "$(share)/man/man7/azprovision-appliance.7"

install-completion:
	@$(functions) put 644 ../completion/azprovision.bash "$(share)/bash-completion/completions/azprovision"; \
	put 644 ../completion/_azprovision "$$DESTDIR$$ZSH_FUNCTIONS/_azprovision"

uninstall-completion:
	rm -f "$(share)/bash-completion/completions/azprovision" "$$DESTDIR$$ZSH_FUNCTIONS/_azprovision"

inits = rclocal inittab sysvinit openrc buildroot systemd initramfs-tools dracut mkinitcpio
.PHONY: install uninstall install-man uninstall-man install-completion uninstall-completion \
	$(inits:%=install-%) $(inits:%=uninstall-%)
