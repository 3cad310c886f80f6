#!/bin/sh
# dracut, pre-pivot: the root is mounted and checked, init not yet started. /home and /var have to be on the root file
# system; where they are not, use the init of the system instead.
/usr/sbin/azprovision-boot --root "$NEWROOT"
