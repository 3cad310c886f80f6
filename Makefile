# make            out/azprovision                make run     demo on a scratch root, no VM
# make test       all tests that need no VM      make boot    those in QEMU
# make check      format, build, Unit            make golden  rewrite tests/Cases/*/after
# make fuzz       SECONDS=60 for each decoder    make bench   sizes and times against tests/Bench/budget.txt
# make boot-soak  BOOTS=100 of one image: MAKER=dracut or initramfs-tools, with kernel ARGUMENTS=azprovision=off or slow_udev
# make size       what the bytes are for         make boot-arm64   the arm64 executable in QEMU
# make rehearse   IMAGE=disk.img: three boots of your image as on Azure: tests/Rehearsal/README.md
# make install    into DESTDIR: src/boot/install.mk has that and each init's own target
# make packages   deb, rpm and more in out/packages: src/package/package.mk

export DOTNET_NOLOGO = 1
export DOTNET_CLI_TELEMETRY_OPTOUT = 1
# No build server stays behind, unless somebody asks for one and ends it, as .ci/run does.
export MSBUILDDISABLENODEREUSE = 1
UseSharedCompilation ?= false
export UseSharedCompilation

DOTNET_TEST = dotnet test --nologo
SECONDS = 60
BOOTS = 100
MAKER = initramfs-tools

RUN_PACKAGES = genisoimage util-linux
LIVE_PACKAGES = btrfs-progs busybox-static bzip2 debootstrap dhcpcd-base dnsmasq-base e2fsprogs fdisk gcc \
	gcc-aarch64-linux-gnu genisoimage iproute2 libc6-dev libc6-dev-arm64-cross \
	isc-dhcp-client isc-dhcp-server mandoc ntfs-3g openssh-client openssh-server openssl passwd selinux-utils shellcheck sshpass strace \
	sudo systemd time util-linux xfsprogs xorriso zsh
BENCH_PACKAGES = gcc genisoimage libc6-dev libcrypt-dev strace util-linux
AGENTS_PACKAGES = $(BENCH_PACKAGES) debootstrap dnsmasq-base iproute2
BOOT_PACKAGES = bc bison busybox-static debootstrap e2fsprogs fdisk flex gcc genisoimage kmod libc6-dev libelf-dev make \
	ntfs-3g openssh-client openssh-server qemu-system-x86 qemu-utils squashfs-tools udftools util-linux xorriso xz-utils
ARM64_PACKAGES = bc bison busybox-static e2fsprogs flex gcc gcc-aarch64-linux-gnu genisoimage kmod libc6-dev \
	libc6-dev-arm64-cross libelf-dev libstdc++6-arm64-cross make qemu-efi-aarch64 qemu-system-arm qemu-system-x86 \
	qemu-user-static util-linux xz-utils
REHEARSE_PACKAGES = dnsmasq-base genisoimage iproute2 openssh-client qemu-utils sshpass util-linux
REHEARSE_PACKAGES_amd64 = ovmf qemu-system-x86
REHEARSE_PACKAGES_arm64 = qemu-efi-aarch64 qemu-system-arm

build:
	./build.sh

include src/boot/install.mk
include src/package/package.mk

# All that the tests need.
tools:
	tests/install-packages.sh $(LIVE_PACKAGES) $(BOOT_PACKAGES) $(BENCH_PACKAGES)

run: build
	tests/install-packages.sh $(RUN_PACKAGES)
	tests/Demo/demo.sh

test: unit live

unit:
	$(DOTNET_TEST) tests/Unit

live: build
	tests/install-packages.sh $(LIVE_PACKAGES)
	$(DOTNET_TEST) tests/Live

boot: build kernel
	$(DOTNET_TEST) tests/Boot --filter FullyQualifiedName!~.Apart.

# The smallest kernel, which takes some minutes the first time.
kernel:
	tests/install-packages.sh $(BOOT_PACKAGES)
	tests/Boot/kernel/kernel.sh out/cache

# One image booted BOOTS times, best on a busy machine, and how often that ended well; out/soak has the consoles of the others.
boot-soak: build
	tests/install-packages.sh $(BOOT_PACKAGES)
	AZPROVISION_SOAK_BOOTS=$(BOOTS) AZPROVISION_SOAK_MAKER=$(MAKER) AZPROVISION_SOAK_ARGUMENTS="$(ARGUMENTS)" \
	  nice -n 5 $(DOTNET_TEST) tests/Boot --filter FullyQualifiedName~SoakTests; \
	  result=$$?; cat "out/soak/$(strip $(MAKER) $(ARGUMENTS))/tally"; exit $$result

# The executable for arm64, built here (on x86-64) and booted.
arm64:
	tests/install-packages.sh $(ARM64_PACKAGES)
	./build.sh --arch arm64

# Accounts and media in an emulator (but for the test that leaves 32 MB, less than an emulator takes), and a whole machine.
test-arm64: arm64 unit-arm64
	printf '#!/bin/sh\nexec qemu-aarch64-static "%s" "$$@"\n' "$$PWD/out/arm64/azprovision" >out/arm64/emulated
	chmod 755 out/arm64/emulated
	AZPROVISION_PROGRAM="$$PWD/out/arm64/emulated" $(DOTNET_TEST) tests/Live \
	  --filter '(FullyQualifiedName~CaseTests.A_case|FullyQualifiedName~Live.MediaTests)&FullyQualifiedName!~32_MiB'
	$(DOTNET_TEST) tests/Boot --filter FullyQualifiedName~Arm64Tests.A_debian

# On one processor and without W^X: qemu-user 7.2 ends it otherwise, or calls of code that was just compiled find null.
unit-arm64:
	tests/install-packages.sh $(ARM64_PACKAGES)
	dotnet build --nologo -v quiet tests/Emulated --artifacts-path out/arm64/unit -p:PlatformTarget=AnyCPU
	DOTNET_EnableWriteXorExecute=0 taskset -c 0 qemu-aarch64-static -L /usr/aarch64-linux-gnu \
	  out/arm64/unit/bin/Emulated/debug_linux-arm64/Emulated Azprovision.Tests.Unit.Media Azprovision.Tests.Unit.Accounts

boot-arm64: arm64
	tests/Boot/kernel/kernel.sh --arch arm64 out/cache
	$(DOTNET_TEST) tests/Boot --filter FullyQualifiedName~Arm64Tests

# A disk image of your own, booted as on Azure: OVF=ovf-env.xml ARCH=amd64|arm64 GENERATION=1|2 TIMEOUT=SECONDS, if you like.
rehearse:
	@tests/install-packages.sh $(REHEARSE_PACKAGES) $(REHEARSE_PACKAGES_$(or $(ARCH),$(shell dpkg --print-architecture)))
	@dotnet build tests/Rehearsal -c Release --nologo -v quiet -clp:NoSummary
	@dotnet tests/Rehearsal/bin/Release/net10.0/rehearsal.dll "$(IMAGE)" $(if $(OVF),--ovf "$(OVF)") \
	  $(if $(ARCH),--arch "$(ARCH)") $(if $(GENERATION),--generation "$(GENERATION)") $(if $(TIMEOUT),--timeout "$(TIMEOUT)")

# Rehearsals of Debian images made for it: minutes, so it is not part of "make boot".
test-rehearse: build
	tests/install-packages.sh $(BOOT_PACKAGES) $(REHEARSE_PACKAGES) $(REHEARSE_PACKAGES_amd64) dosfstools mtools syslinux syslinux-common
	$(DOTNET_TEST) tests/Boot --filter FullyQualifiedName~RehearsalTests

bench: build
	tests/install-packages.sh $(BENCH_PACKAGES)
	tests/Bench/bench.sh

size: build
	tests/Bench/size.sh

# Other agents on the same platform: the figures in tests/Bench/README.md.
bench-agents: build
	tests/install-packages.sh $(AGENTS_PACKAGES)
	tests/Bench/agents.sh

fuzz:
	AZPROVISION_FUZZ_SECONDS=$(SECONDS) $(DOTNET_TEST) tests/Unit --filter FullyQualifiedName~Fuzz

golden: build
	AZPROVISION_GOLDEN=1 $(DOTNET_TEST) tests/Live --filter FullyQualifiedName~CaseTests

format:
	dotnet format Provisioning.sln

format-check:
	dotnet format Provisioning.sln --verify-no-changes

check: format-check
	dotnet build Provisioning.sln --nologo -warnaserror
	$(MAKE) unit

clean:
	rm -rf out src/bin src/obj tests/*/bin tests/*/obj

.PHONY: build tools run test unit live boot boot-soak kernel arm64 test-arm64 unit-arm64 boot-arm64 rehearse test-rehearse bench size bench-agents fuzz golden format format-check check clean
