# What an image builder installs. DESTDIR is the image's root, PREFIX where the program goes.
#   make install DESTDIR=/mnt            the program and azprovision-boot, which most of these call
#   make install-systemd DESTDIR=/mnt    the same and the files of one init or initramfs; enabling is yours
# Each file tells at its head how it is turned on and off.
PREFIX = /usr
sbin = $(PREFIX)/sbin
etc = $(DESTDIR)/etc

# $(call put,MODE,FILE,TARGET): a file of src/boot, with the place where the program is.
put = mkdir -p $(dir $3) && sed 's|/usr/sbin/azprovision|$(sbin)/azprovision|g' src/boot/$2 >$3 && chmod $1 $3

install: out/azprovision
	mkdir -p $(DESTDIR)$(sbin)
	install -m 755 out/azprovision $(DESTDIR)$(sbin)/azprovision
	$(call put,755,azprovision-boot,$(DESTDIR)$(sbin)/azprovision-boot)

# Only if there is none: else nothing is built that is already there.
out/azprovision:
	./build.sh

install-rclocal: install
	@[ ! -e $(etc)/rc.local ] || grep -q azprovision-boot $(etc)/rc.local || \
	  { echo "$(etc)/rc.local is there: put the call of src/boot/rc.local into it" >&2; exit 1; }
	[ -e $(etc)/rc.local ] || { $(call put,755,rc.local,$(etc)/rc.local); }

# Without the file BusyBox has an inittab of its own, which one with a single line would replace.
install-inittab: install
	@[ -e $(etc)/inittab ] || { echo "$(etc)/inittab is not there" >&2; exit 1; }
	grep -q azprovision-boot $(etc)/inittab || \
	  sed 's|/usr/sbin/azprovision|$(sbin)/azprovision|g' src/boot/inittab >>$(etc)/inittab

install-sysvinit: install
	$(call put,755,sysvinit/azprovision,$(etc)/init.d/azprovision)

install-openrc: install
	$(call put,755,openrc/azprovision,$(etc)/init.d/azprovision)

install-systemd: install
	$(call put,644,systemd/azprovision.service,$(DESTDIR)$(PREFIX)/lib/systemd/system/azprovision.service)

install-initramfs-tools: install
	$(call put,755,initramfs-tools/hook,$(etc)/initramfs-tools/hooks/azprovision)
	$(call put,755,initramfs-tools/local-bottom,$(etc)/initramfs-tools/scripts/local-bottom/azprovision)

# dracut looks nowhere else.
dracut = $(DESTDIR)/usr/lib/dracut/modules.d/95azprovision
install-dracut: install
	$(call put,755,dracut/module-setup.sh,$(dracut)/module-setup.sh)
	$(call put,755,dracut/azprovision.sh,$(dracut)/azprovision.sh)

install-mkinitcpio: install
	$(call put,644,mkinitcpio/install,$(etc)/initcpio/install/azprovision)
	$(call put,644,mkinitcpio/hook,$(etc)/initcpio/hooks/azprovision)

.PHONY: install install-rclocal install-inittab install-sysvinit install-openrc install-systemd install-initramfs-tools \
	install-dracut install-mkinitcpio
